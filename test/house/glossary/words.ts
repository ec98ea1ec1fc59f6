/** Which words of exported names are domain terms: those that are in neither list of general words. */
import type { Source } from "../sources.ts";
import { exportsOf } from "../syntax.ts";

const listOf = (text: string): readonly string[] => text.trim().split(/\s+/u);

/** Words of everyday English that name nothing of this domain. */
export const english = listOf(`
  a abandoned absorb act advance advice after again agreement all allows among and another answer any anything around
  arrival arrived ask assumptions at attempt back bad bare be before begin begun beside between broken busy by can cap
  caught chance change choice choose chosen closed complaint completeness conclude confirmations confirmed
  contradiction conversation costs cover decided declaration declared demands denied detail differ direction
  disagreement disturbance documented done draw drawn due each effect eligible end ever every exact examine excerpt existing facts
  far few final find finish first focus followed for force found freedom from frozen full gather gauged go grant greet
  has here holds how identify idle if impossible inside invented is it keep knowledge known lack large last late lay
  least leave leftovers let like local long longest look lose loss lost low made make many may meets met mistake misuse
  moment more most move mutated name nearest needed never new newer newest next no not nothing now observed obstacle
  occasions of old oldest omitted on once only open or origin other ours out outside over overdue owed own per perform
  pick pieces place plain plainly prepare prescribed problem promised proof provide question quickest quoted ranking
  rare reaches real redrawn refusal refuse regular remembered reordered repeat require rerun same says second seen
  self sent settled several sheet shifted short show shown silence silent since so sorted spent stops strange success
  suits supported take taken terms the to too took twice two unasked unchanged under unexpected unless unlisted
  unmergeable unmet unreadable unrepeatable unseen unsuited until use visible want was way weigh where while whole why wide with
  withheld within without woken word work wrong young younger
`);

/** Words of computing in general: of languages, data structures, operating systems, networks, statistics, model checking, and names of products. */
export const computing = listOf(`
  aborted access ack acknowledged acknowledgement add address aggregation alive annotations announce announcements api append
  applied apt args argument attach attribute audit axis band baseline batch binary block board bool bound brain bug
  build builder bus bytes callbacks caller capacity case cause channel check checksum children class classify clear
  client clip clock cluster code columns combine command compare comparison compile completion components compose
  computed condition configured connection connector content context copy core count counter counterexample cpu crash
  crc create cut data decode default delay delete describe difference digits dir distribution doctor domain draft drop
  duration edges edit emit empty encode encoder entry envelope environment equal equivalent error escape event execute
  execution exit expected explicit export expression extract failed failover failure fair fairness field figure file
  filter fingerprint fix flag flat flush fnv folder forecast frame free function generate generation generator git
  grain graph group guard hash head header hooks host html hub id identity index init input insertion inspect install
  instant instrumented integer interception interceptor interleaved interned interpreter interruption interval ints
  invariant item jitter join journal json junit key keyspace kill kind label lasso latency launch leaf length level
  lifetime limits line linearizability list listen listener liveness lock log logger lookup loop loopback lua machine
  mailbox main managers map margin markdown matrix max mb measure median membership memory merge message meta metric
  milli millis mirror mismatch mixture module monitor ms namespace network noise null number object offset op
  operation optional options order outcome output overlaps owner pack package page parameter parse part path payload
  ping pipe point populate population port position predicate prefix preload print privilege probe proc process
  processors program progress project protocol proxy prune publish pump put queue random range rate ratio read reader
  ready reason recode record recorder redis refutation refute registry remove renaming render replica reply report
  request resolve response restart result retrace return revision rewrite rights role room root rotating route router
  row rule runner sample sarif save scale scanner schedule schema search section send sentence sentinel sequential
  series serve server session set sha share shell signal signature sim single site size skeleton sleep slot slow
  source span split stack stamp statement status step stratified stream string struct style subset successor sum
  summary survivor swap sync syntax table tag tail tally target tasks test text themes thread threshold throughput
  thrown tick ticker timeout timer tolerance topology touched toxic toxiproxy trace tree trusted try tuning type
  undefined unescaped union unit unpack unversioned update upgrade url usage utf v value virtual visit visitor wait
  watch watcher window wire worker wrap write writer written xml
`);

/** Private vocabulary, which has to be renamed. The list only shrinks: a new name uses a term of the glossary. */
export const toBeRenamed = listOf(`
  absences behind blame blamed crowded drivable furthest gone harshest heard left
  mildest misplaced newcomers nonsense overlooked presence quieter said scene sight sighted sighting
  sightings standing wish
`);

/** Makes forms of one word equal: plurals, -ed, -ing, -able and a final e do not count. The result is only compared. */
export function stemOf(word: string): string {
  const singular = word
    .replace(/ies$/u, "y")
    .replace(/(?<=ss|x|ch|sh)es$/u, "")
    .replace(/(?<![sui])s$/u, "");
  return singular
    .replace(/ied$/u, "y")
    .replace(/(?<=[aeiouy].+)(?:ed|ing|able)$/u, "")
    .replace(/e$/u, "")
    .replace(/([^aeiouy])(?<!s)\1$/u, "$1");
}

/** The words of a name or a term in lower case: `readFromL1` has `read`, `from` and `l`. */
export function wordsOf(name: string): readonly string[] {
  const words = name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/gu) ?? [];
  return words.map((word) => word.toLowerCase());
}

/** Each word of the exported names with one name that has it. */
export function exportedWords(sources: readonly Source[]): ReadonlyMap<string, string> {
  const words = new Map<string, string>();
  for (const source of sources) {
    for (const name of exportsOf(source)) {
      for (const word of wordsOf(name)) if (!words.has(word)) words.set(word, `${name} in ${source.path}`);
    }
  }
  return words;
}

/** The terms of each line of the glossary. */
export function termsOf(page: string): readonly string[] {
  return [...page.matchAll(/^- \*\*(.+?)\*\*: .+\.$/gmu)].map(([, terms = ""]) => terms);
}

/** One line for each word that is neither general nor a term nor to be renamed. */
export function missingTerms(words: ReadonlyMap<string, string>, page: string): readonly string[] {
  const known = new Set([...english, ...computing, ...termsOf(page).flatMap(wordsOf)].map(stemOf));
  return [...words]
    .filter(([word]) => !known.has(stemOf(word)) && !toBeRenamed.includes(word))
    .map(([word, where]) => `"${word}" of ${where} is not in docs/glossary.md`);
}
