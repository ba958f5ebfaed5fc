import assert from 'node:assert/strict';
import { test } from 'node:test';
import { translateEngineText } from './engine-text.ts';

test('English is passed on as it came, and so is what is not known', () => {
  assert.equal(
    translateEngineText('Order size: expected at most 1 BTC, was 5', 'en'),
    'Order size: expected at most 1 BTC, was 5',
  );
  assert.equal(translateEngineText('Filter failure: LOT_SIZE (-1013)', 'ko'), 'Filter failure: LOT_SIZE (-1013)');
  assert.equal(translateEngineText('', 'ko'), '');
});

test('a refusal keeps its figures in Korean', () => {
  assert.equal(translateEngineText('Order size: expected at most 1 BTC, was 5', 'ko'), '주문 수량: 최대 1 BTC, 입력 5');
  assert.equal(
    translateEngineText('Price: expected within 100 bps of 61800.5, was 65000', 'ko'),
    '가격 제한: 기준가 61800.5의 100 bps 이내, 입력 65000',
  );
  assert.equal(
    translateEngineText("Day's loss: expected below 1000 USDT, was 1003.20; only reducing orders pass", 'ko'),
    '일일 손실 한도: 1000 USDT 미만, 현재 1003.20. 포지션을 줄이는 주문만 가능합니다',
  );
});

test('what is quoted inside a line is translated too; figures with a dollar sign stay', () => {
  assert.equal(
    translateEngineText('Kill switch: NOT FLAT for certain after 5 s: the venue still holds 1 open order', 'ko'),
    '킬 스위치: 5초가 지나도 포지션 정리가 확인되지 않음: 거래소에 주문 1건이 남아 있음',
  );
  assert.equal(translateEngineText('Order 7 rejected: $1 odd {2}', 'ko'), '주문 7 거부: $1 odd {2}');
});

test('why a book is not live, why a symbol is only watched, why a feed alarms: each has its words', () => {
  const lines = [
    'best bid at or above best ask',
    'expected checksum 2884013517, was 1190284412',
    'expected update 7, was 9',
    'no depth update for 3 s',
    'the book is silent for 5 s while trades or tickers come',
    'This session sends its orders to binance-spot alone',
    'Contracts of okx can be watched, not traded',
    'BTCUSDT has 2 working orders: cancel first',
    'BTCUSDT feed is 1.20 s behind the venue (limit 0.50 s)',
    'BTCUSDT feed falls behind by 120 ms a second (limit 50 ms a second), is 0.90 s behind the venue',
    'Everything is opened anew: this process did not run for 4.0 s',
  ];
  for (const line of lines) assert.match(translateEngineText(line, 'ko'), /[가-힣]/, line);
  assert.equal(translateEngineText(lines[7] as string, 'ko'), 'BTCUSDT 미체결 주문 2건이 있습니다. 먼저 취소하세요');
});
