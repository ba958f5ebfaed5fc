/** Long tables hold the rows in sight and some around them; what is left out is room of the same height. */
import { type RefObject, useEffect, useState } from 'react';
import { useSize } from './use-size.ts';

/** Height of a table row, px; `th, td` of panels.css. */
export const TABLE_ROW_PX = 21;
/** The window moves in steps of so many rows, and reaches so far beyond what is in sight. */
const STEP_ROWS = 10;

export interface RowWindow {
  first: number;
  /** One past the last row. */
  end: number;
  roomAbovePx: number;
  roomBelowPx: number;
}

/** Rows to hold of `count`, for the part of a table that is in sight. */
export function rowWindow(scrollTopPx: number, heightPx: number, count: number): RowWindow {
  const inSteps = (rows: number): number => Math.ceil(rows / STEP_ROWS) * STEP_ROWS;
  const held = inSteps(heightPx / TABLE_ROW_PX) + 2 * STEP_ROWS;
  const above = Math.floor(scrollTopPx / TABLE_ROW_PX / STEP_ROWS - 1) * STEP_ROWS;
  const first = Math.max(0, Math.min(above, inSteps(count) - held));
  const end = Math.min(count, first + held + STEP_ROWS);
  return { first, end, roomAbovePx: first * TABLE_ROW_PX, roomBelowPx: (count - end) * TABLE_ROW_PX };
}

/** {@link rowWindow} of a table that scrolls in `scroller`. */
export function useRowWindow(scroller: RefObject<HTMLElement | null>, count: number): RowWindow {
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(0);
  useSize(scroller, (_width, heightPx) => setHeight(heightPx));
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const stepPx = STEP_ROWS * TABLE_ROW_PX;
    // Whole steps: a table that scrolls within one draws nothing anew.
    const onScroll = (): void => setTop(Math.floor(element.scrollTop / stepPx) * stepPx);
    element.addEventListener('scroll', onScroll, { passive: true });
    return () => element.removeEventListener('scroll', onScroll);
  }, [scroller]);
  return rowWindow(top, height, count);
}
