/**
 * Interns equal lists, as the readers of src/redis do: the scheduler detects by identity that a node has not moved. Lists are kept only while they are
 * referenced.
 */
const byText = new Map<string, WeakRef<readonly unknown[]>>();
/** List -> the interned list that equals it. */
const known = new WeakMap<readonly unknown[], readonly unknown[]>();
const gone = new FinalizationRegistry<string>((text) => {
  if (byText.get(text)?.deref() === undefined) byText.delete(text);
});

export function shared<List extends readonly unknown[]>(list: List): List {
  const one = known.get(list) ?? firstLike(list);
  return one as List; // equal text, hence of the same kind
}

function firstLike(list: readonly unknown[]): readonly unknown[] {
  const text = JSON.stringify(list);
  const found = byText.get(text)?.deref();
  known.set(list, found ?? list);
  if (found !== undefined) return found;
  byText.set(text, new WeakRef(list));
  gone.register(list, text);
  return list;
}
