import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFaultArgument } from './fault-argument.ts';
import { readHeadlessArguments } from './headless-arguments.ts';

test('a fault with its fields and its second', () => {
  assert.deepEqual(readFaultArgument('gap:count=1,symbol=BTCUSDT@5'), {
    atSeconds: 5,
    command: { fault: 'gap', count: 1, symbol: 'BTCUSDT' },
  });
  assert.deepEqual(readFaultArgument('halfOpen:protocol=bybit,durationMs=900@0.5'), {
    atSeconds: 0.5,
    command: { fault: 'halfOpen', protocol: 'bybit', durationMs: 900 },
  });
  // Symbols may hold colons.
  assert.deepEqual(readFaultArgument('gap:symbol=BTC/USDT:USDT@1').command.symbol, 'BTC/USDT:USDT');
});

test('each wrong part is named with its value', () => {
  const bad: [string, RegExp][] = [
    ['gap', /^--fault: expected NAME\[:FIELD=VALUE,...\]@SECONDS, was "gap"$/],
    ['gap@', /was "gap@"/],
    ['gap@-1', /was "gap@-1"/],
    ['fire@1', /^--fault: fault: expected one of .*was "fire"$/],
    ['gap:count@1', /expected FIELD=VALUE, was "count"/],
    ['gap:count=none@1', /count: expected a whole number .*was "none"/],
    ['gap:count=0@1', /count: .*was 0/],
    ['gap:colour=red@1', /was "colour"/],
    ['gap:protocol=nyse@1', /protocol: expected one of .*was "nyse"/],
    ['gap:symbol=btc@1', /symbol: .*was "btc"/],
  ];
  for (const [value, message] of bad) assert.throws(() => readFaultArgument(value), { name: 'ArgumentError', message });
});

test('on the command line: repeatable, in any order, only for the simulated venue', () => {
  const args = readHeadlessArguments(['--venue', 'sim', '--fault', 'gap@9', '--fault', 'connectionCut@2']);
  assert.deepEqual(
    args?.faults.map(({ atSeconds, command }) => [atSeconds, command.fault]),
    [
      [9, 'gap'],
      [2, 'connectionCut'],
    ],
  );
  assert.throws(
    () => readHeadlessArguments(['--replay', import.meta.filename, '--fault', 'gap@1']),
    /--fault: expected only together with --venue sim/,
  );
  assert.throws(
    () => readHeadlessArguments(['--venue', 'sim', '--seconds', '5', '--fault', 'gap@6']),
    /--fault: expected a second of the session \(5 s\), was 6/,
  );
});
