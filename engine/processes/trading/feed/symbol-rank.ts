import type { SymbolMatch } from '../../../contract/trading-messages.ts';

const NO_MATCH = 4;

/**
 * Symbols that match what was typed, best first: the symbol itself, then those that begin with it, contain it, or whose
 * base asset it is; within each those that trade, then the shorter, then by name. Separators and case do not matter:
 * `btcusdt` finds `BTC-USDT`. Nothing typed finds all.
 */
export function rankSymbols(text: string, candidates: readonly SymbolMatch[]): SymbolMatch[] {
  const typed = plain(text);
  return candidates
    .map((match) => ({ match, rank: rankOf(typed, match) }))
    .filter(({ rank }) => rank < NO_MATCH)
    .sort(
      (a, b) =>
        a.rank - b.rank ||
        Number(a.match.halted !== undefined) - Number(b.match.halted !== undefined) ||
        a.match.symbol.length - b.match.symbol.length ||
        (a.match.symbol < b.match.symbol ? -1 : a.match.symbol > b.match.symbol ? 1 : 0),
    )
    .map(({ match }) => match);
}

function rankOf(typed: string, match: SymbolMatch): number {
  const symbol = plain(match.symbol);
  if (symbol === typed) return 0;
  if (symbol.startsWith(typed)) return 1;
  if (symbol.includes(typed)) return 2;
  return plain(match.baseAsset) === typed ? 3 : NO_MATCH;
}

function plain(text: string): string {
  return text.toUpperCase().replace(/[^A-Z0-9]/g, '');
}
