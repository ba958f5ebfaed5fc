/** Where the tags of horizontal lines go, so that none covers another: a pure function of where the lines are. */

/**
 * Moves tags apart. The anchor keeps its place; tags above it only move up, those below only down, in the order of their
 * lines. Tags that would leave the range get NaN: the ones farthest from the anchor.
 *
 * @param ys centres wanted, any order, NaN = none
 * @param anchor index of the tag that stays, -1 for none
 * @param height of a tag; all in the same unit as `ys`
 */
export function spreadTags(
  ys: readonly number[],
  anchor: number,
  height: number,
  top: number,
  bottom: number,
): number[] {
  const placed = ys.map(() => Number.NaN);
  const order = ys
    .map((y, index) => ({ y, index }))
    .filter(({ y }) => !Number.isNaN(y))
    .sort((a, b) => a.y - b.y || a.index - b.index);
  if (order.length === 0) return placed;
  let pivot = order.findIndex(({ index }) => index === anchor);
  // Without an anchor the middle tag holds still: the others move least then.
  if (pivot < 0) pivot = order.length >> 1;
  const middle = order[pivot] as { y: number; index: number };
  placed[middle.index] = middle.y;
  let edge = middle.y;
  for (let i = pivot - 1; i >= 0; i--) {
    const { y, index } = order[i] as { y: number; index: number };
    edge = Math.min(y, edge - height);
    if (edge < top) break;
    placed[index] = edge;
  }
  edge = middle.y;
  for (let i = pivot + 1; i < order.length; i++) {
    const { y, index } = order[i] as { y: number; index: number };
    edge = Math.max(y, edge + height);
    if (edge > bottom) break;
    placed[index] = edge;
  }
  return placed;
}
