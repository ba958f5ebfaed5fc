import { type FaultCommand, faultGroups, type FaultName, faultNames } from '../../contract/fault-menu.ts';
import type { MarketProtocol } from '../../contract/market-protocol.ts';
import { whyNot } from '../../simulation/faults/fault-kinds.ts';
import type { SeededRandom } from '../../simulation/seeded-random.ts';
import type { SweepVenue } from './sweep-venue.ts';

/** Order entry's: no feed shows them. */
const ofOrders: readonly FaultName[] = faultGroups.orders;
const ofConnections: readonly FaultName[] = [...faultGroups.connection, 'rateLimit'];
const ofSnapshots: readonly FaultName[] = faultGroups.snapshot;

/** A fault of the plan, and what makes sure that it is met. */
export interface PlantedFault {
  command: FaultCommand;
  /** Planted right after: a snapshot fault shows only where a snapshot is asked for. */
  trigger: FaultCommand | undefined;
  /** It is about the first symbol alone: the state of the other must not change. */
  isOfOneSymbol: boolean;
}

/** Faults that a feed of this protocol can show. */
export function faultsOf(protocol: MarketProtocol): FaultName[] {
  // Binance's clients do not ping: there is nothing to leave unanswered.
  const isPinged = !protocol.startsWith('binance');
  return faultNames.filter(
    (fault) => !ofOrders.includes(fault) && whyNot(fault, protocol) === '' && (fault !== 'unansweredPing' || isPinged),
  );
}

/** A fault with seeded particulars. */
export function plantedFault(fault: FaultName, venue: SweepVenue, random: SeededRandom): PlantedFault {
  const { protocol } = venue;
  const command: FaultCommand = { fault, protocol };
  let isOfOneSymbol = !ofConnections.includes(fault);
  if (isOfOneSymbol) command.symbol = venue.symbols[0];
  let trigger: FaultCommand | undefined;
  if (ofConnections.includes(fault)) {
    // Long enough, at times, for the client's own watchdogs.
    command.durationMs = 500 + random.integer(fault === 'silentStall' || fault === 'halfOpen' ? 45_000 : 8_000);
  } else if (ofSnapshots.includes(fault)) {
    trigger = { ...command, fault: venue.key === 'id' || protocol !== 'upbit' ? 'gap' : 'crossedBook' };
    if (fault === 'lateSnapshot') command.durationMs = 200 + random.integer(7_000);
  } else if (fault !== 'restartSequence' && fault !== 'tradeBurst') {
    command.count = 1 + random.integer(3);
  }
  if (fault === 'rateLimit') {
    // Where snapshots come by REST they are what is refused, else the connection.
    trigger = protocol.startsWith('binance')
      ? { fault: 'gap', protocol, symbol: venue.symbols[0] }
      : { fault: 'connectionCut', protocol };
  }
  // A damaged message may be anybody's, and a restart of the service everybody's.
  if (fault === 'bitFlip') isOfOneSymbol = false;
  return { command, trigger, isOfOneSymbol };
}
