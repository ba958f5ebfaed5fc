/** The storm venue as the process `venue`: the same control channel, so that a whole app can be run on it. */
import { openControlChannel } from '../../transport/open-control-channel.ts';
import { StormVenue } from './storm-venue.ts';

const channel = openControlChannel();
let venue: StormVenue | undefined;

async function start(symbols: readonly string[], port: number): Promise<void> {
  venue = new StormVenue(symbols);
  channel.post({ type: 'ready', ready: { process: 'venue', ...(await venue.open(port)) } });
}

function stop(): void {
  venue?.close();
  process.exit(0);
}

channel.onRequest((request) => {
  if (request.type === 'shutdown') stop();
  else if (request.type === 'configure' && request.config.process === 'venue') {
    start(request.config.symbols, request.config.port).catch((error: unknown) => {
      channel.post({ type: 'fatal', error: `Storm venue: ${(error as Error).message}` });
    });
  }
});
channel.onParentGone(stop);
channel.post({ type: 'accepting' });
