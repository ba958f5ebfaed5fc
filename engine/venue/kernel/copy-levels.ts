import type { LevelList } from '../level-list.ts';
import { kernelLevels } from './scan-kernel.ts';

/** Makes the kernel's levels `[from, to)` those of the list; false when they are more than a list may have. */
export function copyLevels(from: number, to: number, list: LevelList): boolean {
  const first = 2 * from;
  const length = 2 * (to - from);
  list.count = 0;
  if (!list.reserve(to - from)) return false;
  const { pairs } = list;
  for (let i = 0; i < length; i++) pairs[i] = kernelLevels[first + i] as number;
  list.count = to - from;
  return true;
}
