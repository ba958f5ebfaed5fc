import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dataFolder, skipReason } from '../../simulation/player/recorded-day.test-support.ts';
import { scanRecording } from '../../simulation/player/recording-scan.ts';
import type { RecordingScan } from '../../simulation/player/scanned-recording.ts';
import { protocols } from '../../venue/protocols.ts';
import { recordedInstruments } from './recorded-instruments.ts';

function instrumentsOf(scan: RecordingScan, warnings: string[]): (string | number)[][] {
  return recordedInstruments(scan, protocols[scan.protocol], (line) => warnings.push(line)).map(
    ({ index, venue, symbol, baseAsset, quoteAsset, tickSize, lotSize, minNotional, takerFee }, i) => {
      assert.equal(index, i);
      return [venue, symbol, baseAsset, quoteAsset, tickSize, lotSize, minNotional, takerFee];
    },
  );
}

test("instruments of the recordings: the venue's list where there is one, never coarser than what was seen", {
  skip: skipReason,
}, async () => {
  const warnings: string[] = [];
  const of = async (name: string) => instrumentsOf(await scanRecording([dataFolder + name]), warnings);
  assert.deepEqual((await of('binance/multi-symbol/BINANCE.ws.1.0')).slice(0, 2), [
    // Listed with 0.0001: orders from before stand at 0.00001.
    ['binance-spot', 'NKNUSDT', 'NKN', 'USDT', '0.00001', '0.1', 10, 0.001],
    ['binance-spot', 'BLZETH', 'BLZ', 'ETH', '0.00000001', '1', 0.005, 0.001],
  ]);
  assert.deepEqual((await of('kraken/KRAKEN.ws.50.0')).slice(0, 2), [
    ['kraken', 'ADA/XBT', 'ADA', 'XBT', '0.00000001', '0.00000001', 0, 0.0026],
    ['kraken', 'XBT/CHF', 'XBT', 'CHF', '0.1', '0.00000001', 0, 0.0026],
  ]);
  assert.deepEqual(await of('okx/OKX.ws.1.0'), [
    ['okx', 'BTC-USD-220527', 'BTC', 'USD', '0.1', '1', 0, 0.001],
    ['okx', 'UNI-USD-SWAP', 'UNI', 'USD', '0.001', '1', 0, 0.001],
    ['okx', 'BTC-USDT', 'BTC', 'USDT', '0.1', '0.00000001', 0, 0.001],
  ]);
  assert.deepEqual((await of('upbit/UPBIT.ws.62.0'))[0], [
    ...['upbit', 'KRW-LAMB', 'LAMB', 'KRW', '0.1', '0.00000001', 5000, 0.0005],
  ]);
  assert.deepEqual(warnings, []);
});

test('a list that cannot be read is named, and the recording is played by what was seen', () => {
  const scan = {
    protocol: 'kraken',
    instruments: [{ symbol: 'XBT/USD', tickSize: '0.1', lotSize: '0.001', firstPrice: '5.5' }],
    answers: [
      { where: 'K.0: line 1', url: 'https://k/0/public/AssetPairs', bytes: Buffer.from('{"error":["EService:Busy"]}') },
      { where: 'K.0: line 2', url: 'https://k/0/public/Time', bytes: Buffer.from('<html>') },
    ],
  } as unknown as RecordingScan;
  const warnings: string[] = [];
  assert.deepEqual(instrumentsOf(scan, warnings), [['kraken', 'XBT/USD', 'XBT', 'USD', '0.1', '0.001', 0, 0.004]]);
  assert.deepEqual(warnings, ['K.0: line 1: Expected AssetPairs with a result, was another body']);
});
