/** What venues are called on screen. */
import { isMarketProtocol, isSlowVenue } from '../../engine/contract/market-protocol.ts';
import { i18n } from './i18n.ts';

/** Name of a venue in the language of the page; one that the page does not know is called by its id. */
export function venueName(venue: string): string {
  if (isMarketProtocol(venue)) return i18n.t(`venue.${venue}`);
  if (!isSlowVenue(venue)) return venue;
  const exchange = venue.slice('ccxt:'.length);
  return exchange.charAt(0).toUpperCase() + exchange.slice(1);
}
