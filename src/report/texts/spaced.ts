/** `current_jobs` as `current jobs`: readers of the page are no readers of the code. */
export function spaced(text: string): string {
  return text.replace(/(?<=[\p{L}\p{N}])_(?=[\p{L}\p{N}])/gu, " ");
}
