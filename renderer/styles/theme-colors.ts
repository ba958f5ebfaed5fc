/** Theme colours for canvases, read from the same custom properties that style the rest. */
import type { BookStateName } from '../../engine/contract/trading-messages.ts';

export interface ThemeColors {
  background: string;
  text: string;
  textDim: string;
  grid: string;
  buy: string;
  sell: string;
  buyDim: string;
  sellDim: string;
  accent: string;
  entry: string;
  onColor: string;
  font: string;
  /** States of a book. */
  state: Record<BookStateName, string>;
}

/** Present colours; read again when the theme changed. */
export function readThemeColors(): ThemeColors {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string) => style.getPropertyValue(name).trim();
  return {
    background: read('--surface'),
    text: read('--text'),
    textDim: read('--text-dim'),
    grid: read('--grid'),
    buy: read('--buy'),
    sell: read('--sell'),
    buyDim: read('--buy-dim'),
    sellDim: read('--sell-dim'),
    accent: read('--accent'),
    entry: read('--entry'),
    onColor: read('--on-color'),
    font: read('--font'),
    state: {
      connecting: read('--state-connecting'),
      syncing: read('--state-syncing'),
      live: read('--state-live'),
      gap: read('--state-gap'),
      stale: read('--state-stale'),
      crossed: read('--state-crossed'),
      checksum: read('--state-checksum'),
    },
  };
}
