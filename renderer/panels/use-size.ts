/** Calls back with the size of an element, now and whenever it changes. */
import { type RefObject, useEffect, useRef } from 'react';

export function useSize(ref: RefObject<HTMLElement | null>, onSize: (width: number, height: number) => void): void {
  const latest = useRef(onSize);
  latest.current = onSize;
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const observer = new ResizeObserver(() => latest.current(element.clientWidth, element.clientHeight));
    observer.observe(element);
    latest.current(element.clientWidth, element.clientHeight);
    return () => observer.disconnect();
  }, [ref]);
}
