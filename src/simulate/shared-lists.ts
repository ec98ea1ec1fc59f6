/**
 * Equal lists are one list for the scheduler, as the readers of src/redis make them: it may see by that that a node stays where it is.
 * Whoever holds none of them cannot tell whether they are kept, so they are not.
 */
const byText = new Map<string, WeakRef<readonly unknown[]>>();
const known = new WeakSet<readonly unknown[]>();
const gone = new FinalizationRegistry<string>((text) => {
  if (byText.get(text)?.deref() === undefined) byText.delete(text);
});

export function shared<List extends readonly unknown[]>(list: List): List {
  if (known.has(list)) return list;
  const text = JSON.stringify(list);
  const found = byText.get(text)?.deref();
  if (found !== undefined) return found as List; // equal text, hence of the same kind
  known.add(list);
  byText.set(text, new WeakRef(list));
  gone.register(list, text);
  return list;
}
