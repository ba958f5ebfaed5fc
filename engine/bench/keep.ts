/**
 * The first objects of every kind that a bench makes anew for each pass, never let go: in the full collection before a
 * pass the shapes of objects would die with the last of them, and the compiled code with the shapes. A running program
 * keeps its own.
 */
const kept: object[] = [];
const MOST_KEPT = 64;

/** Keeps an object alive as long as the process; gives it back. */
export function keep<T extends object>(made: T): T {
  if (kept.length < MOST_KEPT) kept.push(made);
  return made;
}
