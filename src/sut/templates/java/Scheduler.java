import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisPooled;
import redis.clients.jedis.exceptions.JedisException;

/** A scheduler behind the line protocol of Lockproof, level 0. Its keys and its script are its own. */
public final class Scheduler {
  /** Milliseconds of one call of Redis: a caller must not wait for a Redis that is gone. */
  private static final int TIMEOUT = 200;
  private static final int WORKERS = 32;
  private static final List<String> OPS = List.of("register_node", "reserve_job", "complete_job");
  private static final String ABOUT = """
      {"name": "my-scheduler", "version": "0.1.0", "capabilities":
       {"ops": ["register_node", "reserve_job", "complete_job"], "properties": ["J2", "J3", "J4", "D4"]}}""";
  private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

  /** Nothing was sent to Redis, so nothing happened. */
  private static final class Refused extends RuntimeException {
    final String code;

    Refused(String code, String message) {
      super(message);
      this.code = code;
    }
  }

  private final JedisPooled redis;
  private final String script;
  private final String namespace;
  private final long leaseMs;

  private Scheduler(JsonObject asked) throws IOException {
    URI url = URI.create(asked.get("redis").getAsString());
    ConnectionPoolConfig pool = new ConnectionPoolConfig();
    pool.setMaxTotal(WORKERS);
    redis = new JedisPooled(pool, new HostAndPort(url.getHost(), url.getPort()),
        DefaultJedisClientConfig.builder().timeoutMillis(TIMEOUT).build());
    redis.ping();
    try (var file = Scheduler.class.getResourceAsStream("/scheduler.lua")) {
      script = new String(file.readAllBytes(), StandardCharsets.UTF_8);
    }
    namespace = asked.get("namespace").getAsString();
    JsonElement lease = asked.getAsJsonObject("settings").get("lease");
    leaseMs = lease == null ? 60_000 : lease.getAsLong();
  }

  private JsonObject perform(JsonObject asked) {
    String node = text(asked, "node");
    List<String> args = switch (asked.get("op").getAsString()) {
      case "register_node" -> {
        JsonElement expected = asked.get("expected"); // absent: whatever there is; null: no such node
        String replaced = expected == null ? "*" : expected.isJsonNull() ? "" : expected.getAsString();
        String token = asked.has("registration") ? asked.get("registration").getAsString() : "";
        yield List.of("register", token, whole(asked, "max_jobs", 0, 100_000), replaced);
      }
      case "reserve_job" -> {
        if (!asked.has("lease_ms")) asked.addProperty("lease_ms", leaseMs);
        yield List.of("reserve", text(asked, "job"), whole(asked, "lease_ms", 1, 86_400_000));
      }
      default -> List.of("complete", text(asked, "job"));
    };
    List<String> keys = List.of(namespace + "node:" + node, namespace + "held:" + node, namespace + "finished:" + node);
    List<?> said = (List<?>) redis.eval(script, keys, args);
    JsonObject reply = new JsonObject();
    reply.addProperty("outcome", (String) said.get(0));
    if (said.size() > 1) reply.addProperty("incarnation", said.get(1).equals("") ? null : (String) said.get(1));
    return reply;
  }

  private static String text(JsonObject asked, String field) {
    JsonElement value = asked.get(field);
    if (value != null && value.isJsonPrimitive() && value.getAsJsonPrimitive().isString()) {
      int bytes = value.getAsString().getBytes(StandardCharsets.UTF_8).length;
      if (bytes >= 1 && bytes <= 256) return value.getAsString();
    }
    throw new Refused("invalid", field + ": allowed are 1 to 256 bytes of text");
  }

  private static String whole(JsonObject asked, String field, long least, long most) {
    JsonElement value = asked.get(field);
    if (value != null && value.isJsonPrimitive() && value.getAsJsonPrimitive().isNumber()) {
      double number = value.getAsDouble();
      if (number == Math.rint(number) && number >= least && number <= most) return String.valueOf((long) number);
    }
    throw new Refused("invalid", field + ": allowed are " + least + " to " + most);
  }

  private static void answer(JsonObject asked, java.util.concurrent.Callable<JsonObject> work) {
    JsonObject reply = new JsonObject();
    try {
      reply = work.call();
      reply.addProperty("ok", true);
    } catch (Refused error) {
      reply.add("error", wrong(error.code, error, true));
    } catch (JedisException error) { // it may have happened
      boolean isLate = error.getCause() instanceof SocketTimeoutException;
      reply.add("error", wrong(isLate ? "deadline" : "disconnected", error, false));
    } catch (Exception error) {
      reply.add("error", wrong("internal", error, false));
    }
    reply.add("id", asked.get("id"));
    OUT.println(reply); // one call a line: println holds the lock of the stream
  }

  private static JsonObject wrong(String code, Exception error, boolean definite) {
    JsonObject wrong = new JsonObject();
    wrong.addProperty("code", code);
    wrong.addProperty("message", String.valueOf(error.getMessage()));
    wrong.addProperty("definite", definite);
    return wrong;
  }

  private static Scheduler scheduler;

  private static JsonObject dispatch(JsonObject asked) throws IOException {
    String op = asked.get("op").getAsString();
    if (op.equals("init")) {
      scheduler = new Scheduler(asked);
      return JsonParser.parseString(ABOUT).getAsJsonObject();
    }
    if (op.equals("shutdown")) return new JsonObject();
    if (!OPS.contains(op)) throw new Refused("unsupported", "no operation " + op);
    if (scheduler == null) throw new Refused("not_ready", "init comes first");
    return scheduler.perform(asked);
  }

  public static void main(String[] args) throws IOException {
    ExecutorService workers = Executors.newFixedThreadPool(WORKERS);
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      JsonObject asked;
      String op;
      try {
        asked = JsonParser.parseString(line).getAsJsonObject();
        op = asked.get("op").getAsString();
        asked.get("id").getAsLong();
      } catch (JsonParseException | IllegalStateException | NullPointerException | NumberFormatException error) {
        System.err.println("no request: " + line.substring(0, Math.min(80, line.length())));
        continue;
      }
      if (op.equals("init") || op.equals("shutdown")) answer(asked, () -> dispatch(asked));
      else workers.execute(() -> answer(asked, () -> dispatch(asked)));
      if (op.equals("shutdown")) break;
    }
    System.exit(0); // calls in flight are given up
  }
}
