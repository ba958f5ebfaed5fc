/**
 * The storm venue as the process `venue`: the same control channel, so that a whole app can be run on it. Leaves the
 * address of its control in the data folder.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { VenueConfig } from '../../contract/process.ts';
import { openControlChannel } from '../../transport/open-control-channel.ts';
import { stormAddressFile, StormVenue } from './storm-venue.ts';

const channel = openControlChannel();
let venue: StormVenue | undefined;

async function start(config: VenueConfig): Promise<void> {
  venue = new StormVenue(config.symbols);
  const addresses = await venue.open(config.port);
  writeFileSync(join(config.dataDir, stormAddressFile), addresses.restUrl);
  channel.post({ type: 'ready', ready: { process: 'venue', ...addresses } });
}

function stop(): void {
  venue?.close();
  process.exit(0);
}

channel.onRequest((request) => {
  if (request.type === 'shutdown') stop();
  else if (request.type === 'configure' && request.config.process === 'venue') {
    start(request.config).catch((error: unknown) => {
      channel.post({ type: 'fatal', error: `Storm venue: ${(error as Error).message}` });
    });
  }
});
channel.onParentGone(stop);
channel.post({ type: 'accepting' });
