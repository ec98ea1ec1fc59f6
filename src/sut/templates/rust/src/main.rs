//! A scheduler behind the line protocol of Lockproof, level 0. Its keys and its script are its own.
use redis::{Client, Connection, RedisError, RedisResult, Script};
use serde_json::{Value, json};
use std::io::{BufRead, Write, stdin, stdout};
use std::sync::{Arc, Mutex, mpsc};
use std::{thread, time::Duration};

/// One call of Redis takes at most this long: a caller must not wait for a Redis that is gone.
const TIMEOUT: Duration = Duration::from_millis(200);
const WORKERS: usize = 16;
const OPS: [&str; 3] = ["register_node", "reserve_job", "complete_job"];

enum Wrong {
    /// Nothing was sent to Redis, so nothing happened.
    Refused(&'static str, String),
    /// It may have happened.
    Failed(RedisError),
}

impl From<RedisError> for Wrong {
    fn from(error: RedisError) -> Self {
        Wrong::Failed(error)
    }
}

struct Scheduler {
    client: Client,
    script: Script,
    namespace: String,
    lease_ms: i64,
}

impl Scheduler {
    fn open(asked: &Value) -> Result<Self, Wrong> {
        let client = Client::open(text(asked, "redis")?)?;
        connect(&client)?;
        let script = Script::new(include_str!("../scheduler.lua"));
        let namespace = asked["namespace"].as_str().unwrap_or("").to_owned();
        let lease_ms = asked["settings"]["lease"].as_f64().unwrap_or(60_000.0) as i64;
        Ok(Self {
            client,
            script,
            namespace,
            lease_ms,
        })
    }

    fn perform(&self, asked: &Value, connection: &mut Option<Connection>) -> Result<Value, Wrong> {
        let node = text(asked, "node")?;
        let args = match asked["op"].as_str() {
            Some("register_node") => {
                let max_jobs = whole(asked, "max_jobs", (0, 100_000), None)?;
                // Absent: whatever there is; null: no such node.
                let expected = asked
                    .get("expected")
                    .map_or("*", |value| value.as_str().unwrap_or(""));
                let token = asked["registration"].as_str().unwrap_or("");
                vec![
                    "register".into(),
                    token.into(),
                    max_jobs.to_string(),
                    expected.into(),
                ]
            }
            Some("reserve_job") => {
                let lease = whole(asked, "lease_ms", (1, 86_400_000), Some(self.lease_ms))?;
                vec!["reserve".into(), text(asked, "job")?, lease.to_string()]
            }
            _ => vec!["complete".into(), text(asked, "job")?],
        };
        let said = self.run(&node, &args, connection)?;
        Ok(match said.get(1) {
            None => json!({ "outcome": said[0] }),
            Some(none) if none.is_empty() => json!({ "outcome": said[0], "incarnation": null }),
            Some(incarnation) => json!({ "outcome": said[0], "incarnation": incarnation }),
        })
    }

    fn run(
        &self,
        node: &str,
        args: &[String],
        connection: &mut Option<Connection>,
    ) -> RedisResult<Vec<String>> {
        let mut open = match connection.take() {
            Some(open) => open,
            None => connect(&self.client)?,
        };
        let mut call = self.script.prepare_invoke();
        for kind in ["node", "held", "finished"] {
            call.key(format!("{}{kind}:{node}", self.namespace));
        }
        for arg in args {
            call.arg(arg);
        }
        let said = call.invoke(&mut open)?; // a connection that failed is not used again
        *connection = Some(open);
        Ok(said)
    }
}

fn connect(client: &Client) -> RedisResult<Connection> {
    let connection = client.get_connection_with_timeout(TIMEOUT)?;
    connection.set_read_timeout(Some(TIMEOUT))?;
    connection.set_write_timeout(Some(TIMEOUT))?;
    Ok(connection)
}

fn text(asked: &Value, field: &str) -> Result<String, Wrong> {
    match asked[field].as_str() {
        Some(value) if (1..=256).contains(&value.len()) => Ok(value.to_owned()),
        _ => Err(Wrong::Refused(
            "invalid",
            format!("{field}: allowed are 1 to 256 bytes of text"),
        )),
    }
}

fn whole(
    asked: &Value,
    field: &str,
    (least, most): (i64, i64),
    absent: Option<i64>,
) -> Result<i64, Wrong> {
    let value = asked.get(field).map_or(absent, Value::as_i64);
    let refused = || Wrong::Refused("invalid", format!("{field}: allowed are {least} to {most}"));
    value
        .filter(|value| (least..=most).contains(value))
        .ok_or_else(refused)
}

fn answer(asked: &Value, said: Result<Value, Wrong>) {
    let mut reply = match said {
        Ok(mut reply) => {
            reply["ok"] = true.into();
            reply
        }
        Err(Wrong::Refused(code, message)) => {
            json!({ "error": { "code": code, "message": message, "definite": true } })
        }
        Err(Wrong::Failed(error)) => {
            let code = if error.is_timeout() {
                "deadline"
            } else {
                "disconnected"
            };
            json!({ "error": { "code": code, "message": error.to_string(), "definite": false } })
        }
    };
    reply["id"] = asked["id"].clone();
    let mut out = stdout().lock();
    writeln!(out, "{reply}")
        .and_then(|()| out.flush())
        .expect("the harness reads");
}

fn main() {
    let (send, receive) = mpsc::channel::<(Arc<Scheduler>, Value)>();
    let receive = Arc::new(Mutex::new(receive));
    for _ in 0..WORKERS {
        let receive = receive.clone();
        thread::spawn(move || {
            let mut connection = None;
            loop {
                let next = receive.lock().unwrap().recv();
                let Ok((scheduler, asked)) = next else { return };
                answer(&asked, scheduler.perform(&asked, &mut connection));
            }
        });
    }
    let mut scheduler: Option<Arc<Scheduler>> = None;
    for line in stdin().lock().lines().map_while(Result::ok) {
        let asked: Value = serde_json::from_str(&line).unwrap_or_default();
        if asked["id"].as_i64().is_none() {
            eprintln!("no request: {line:.80}");
            continue;
        }
        match (asked["op"].as_str().unwrap_or(""), &scheduler) {
            ("init", _) => {
                let opened =
                    Scheduler::open(&asked).map(|opened| scheduler = Some(Arc::new(opened)));
                answer(&asked, opened.map(|()| about()));
            }
            ("shutdown", _) => {
                answer(&asked, Ok(json!({})));
                return; // calls in flight are given up
            }
            (op, _) if !OPS.contains(&op) => {
                answer(
                    &asked,
                    Err(Wrong::Refused("unsupported", format!("no operation {op}"))),
                );
            }
            (_, None) => answer(
                &asked,
                Err(Wrong::Refused("not_ready", "init comes first".into())),
            ),
            (_, Some(ready)) => send.send((ready.clone(), asked)).expect("the workers run"),
        }
    }
}

fn about() -> Value {
    let properties = ["J2", "J3", "J4", "D4"];
    json!({ "name": "my-scheduler", "version": "0.1.0", "capabilities": { "ops": OPS, "properties": properties } })
}
