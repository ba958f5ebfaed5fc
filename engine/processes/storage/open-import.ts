import type { ImportOrder } from '../../contract/data-messages.ts';
import { RecordingError } from '../../simulation/player/recording-reader.ts';
import { scanRecording } from '../../simulation/player/recording-scan.ts';
import type { ImportSource, KnownSteps } from '../../storage/import/import-source.ts';
import { protocols } from '../../venue/protocols.ts';
import { recordedInstruments } from '../trading/recorded-instruments.ts';
import { isKlineFile, openKlines } from './public-klines.ts';
import { RecordingImport } from './recording-import.ts';
import { withKnownSteps } from './with-known-steps.ts';

/** A recording in any format that the player reads, or a public file of trades or candles. */
export async function openImport(order: ImportOrder, known: KnownSteps): Promise<ImportSource> {
  const { files, protocol, tickSize, lotSize } = order;
  if (await isKlineFile(files[0] as string)) {
    if (files.length > 1) throw new RecordingError(`${files[1]}: expected files of candles one at a time`);
    return await openKlines(files[0] as string, protocol ?? 'binance-spot', known);
  }
  const scan = await scanRecording(files, {
    ...(protocol === undefined ? {} : { protocol }),
    ...(tickSize === undefined ? {} : { tickSize }),
    ...(lotSize === undefined ? {} : { lotSize }),
  });
  for (const line of scan.cutLines) console.warn(`${line}: cut while it was recorded, left out`);
  const instruments = recordedInstruments(scan, protocols[scan.protocol], (line) => console.warn(line));
  return new RecordingImport(
    scan,
    instruments.map((spec) => withKnownSteps(spec, known)),
  );
}
