import type { FaultStatus } from '../contract/fault-menu.ts';
import type { ControlRequest, VenueConfig } from '../contract/process.ts';
import { readFaultCommand } from '../contract/read-fault-command.ts';
import { type SimulatedVenue, startSimulatedVenue } from '../simulation/start-simulated-venue.ts';
import { openControlChannel } from '../transport/open-control-channel.ts';
import { startHealth } from './process-health.ts';

/** The simulated venue as a process of its own: real sockets, nothing shared with the trading process. */
const channel = openControlChannel();
const health = startHealth(channel);
let venue: SimulatedVenue | undefined;
let stopping = false;

async function start(config: VenueConfig): Promise<void> {
  venue = await startSimulatedVenue(config);
  if (stopping) return venue.close();
  const { port, restUrl, streamUrl, apiUrl, addresses } = venue;
  channel.post({ type: 'ready', ready: { process: 'venue', port, restUrl, streamUrl, apiUrl, addresses } });
}

async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  health.dispose();
  await venue?.close();
  process.exit(0);
}

/** The listed symbols, the port or the store cannot be used: starting again would not help. */
function fail(error: unknown): void {
  channel.post({ type: 'fatal', error: `Simulated venue: ${error instanceof Error ? error.message : String(error)}` });
}

/** @throws Error before the venue is ready, RangeError naming what is wrong with the command. */
function answerTo(request: Extract<ControlRequest, { type: 'query' }>): FaultStatus[] {
  if (request.query !== 'faults') throw new RangeError(`Expected the query faults at the venue, was ${request.query}`);
  if (venue === undefined) throw new Error('Expected the venue to be ready, was starting');
  if (request.command !== undefined) venue.faults.arm(readFaultCommand(request.command));
  return venue.faults.list();
}

let configured = false;
channel.onRequest((request) => {
  if (request.type === 'shutdown') void stop().catch(fail);
  else if (request.type === 'configure') {
    if (request.config.process !== 'venue') {
      fail(new Error(`Expected the configuration of venue, was ${request.config.process}`));
    } else if (!configured) {
      configured = true;
      start(request.config).catch(fail);
    }
  } else if (request.type === 'query') {
    const { requestId } = request;
    try {
      channel.post({ type: 'answer', requestId, ok: true, result: answerTo(request) });
    } catch (error) {
      channel.post({ type: 'answer', requestId, ok: false, error: (error as Error).message });
    }
  }
});
channel.onParentGone(() => void stop().catch(fail));
channel.post({ type: 'accepting' });
