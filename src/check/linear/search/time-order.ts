/** Puts things in the order of their times, where they mostly are already. */

/** The limit of moves per item, on average; items that are further out of order are sorted otherwise. */
const mostMoves = 32;

/**
 * The numbers of the first `size` of `times`, in the order of those; of the same time in the order of their numbers.
 * Calls are written down about in order, so an insertion sort is nearly a single pass. What never ends is left out.
 * @param order room for them; written over
 */
export function inTimeOrder(times: Float64Array, size: number, order = new Uint32Array(size)): Uint32Array {
  let count = 0;
  let left = size * mostMoves;
  for (let next = 0; next < size && left >= 0; next += 1) {
    const time = times[next] as number;
    if (time === Number.POSITIVE_INFINITY) continue;
    let at = count;
    for (; at > 0 && (times[order[at - 1] as number] as number) > time; at -= 1) order[at] = order[at - 1] as number;
    order[at] = next;
    left -= count - at;
    count += 1;
  }
  return left >= 0 ? order.subarray(0, count) : sorted(times, size);
}

function sorted(times: Float64Array, size: number): Uint32Array {
  const ending: number[] = [];
  for (let index = 0; index < size; index += 1) if (times[index] !== Number.POSITIVE_INFINITY) ending.push(index);
  return Uint32Array.from(ending).sort((a, b) => (times[a] as number) - (times[b] as number) || a - b);
}
