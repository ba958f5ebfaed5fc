import type { MarketProtocol } from '../../contract/market-protocol.ts';

/** Valid wire messages of one protocol: the stream from its first book on, and what else may come. */
export interface MarketCorpus {
  symbol: string;
  tickSize: string;
  lotSize: string;
  /** In order: they bring a book to `live`. */
  opening: readonly string[];
  /** REST answer to a snapshot request; absent where snapshots come in the stream. */
  snapshot?: string;
  /** Any time later. */
  others: readonly string[];
}

const binanceSpot: MarketCorpus = {
  symbol: 'BTCUSDT',
  tickSize: '0.01',
  lotSize: '0.00001',
  snapshot: '{"lastUpdateId":100,"bids":[["100.00","1.00000"],["99.99","2.00000"]],"asks":[["100.01","1.50000"]]}',
  opening: [
    '{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1723161256314,"s":"BTCUSDT","U":100,"u":101,"b":[["99.98","3.00000"]],"a":[["100.02","0.50000"],["100.05","0.00000"]]}}',
  ],
  others: [
    '{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1723161256414,"s":"BTCUSDT","U":102,"u":104,"b":[["99.98","0.00000"]],"a":[]}}',
    '{"stream":"btcusdt@trade","data":{"e":"trade","E":1723161256322,"s":"BTCUSDT","t":12345,"p":"100.01","q":"0.10000","T":1723161256321,"m":true,"M":true}}',
    '{"e":"aggTrade","E":1723161256322,"s":"BTCUSDT","a":26129,"p":"100.00","q":"4.70443","f":27781,"l":27783,"T":1723161256321,"m":false,"M":true}',
    '{"u":101,"s":"BTCUSDT","b":"100.00","B":"1.00000","a":"100.01","A":"1.50000"}',
    '{"e":"serverShutdown","E":1723161256322}',
    '{"result":null,"id":1}',
    '{"code":2,"msg":"Invalid request"}',
  ],
};

function futures(symbol: string, lot: string, unit: string): MarketCorpus {
  return {
    symbol,
    tickSize: '0.1',
    lotSize: lot,
    snapshot: `{"lastUpdateId":158,"E":1,"T":1,"symbol":"${symbol}","bids":[["61804.7","35${unit}"]],"asks":[["61804.8","4${unit}"]]}`,
    opening: [
      `{"stream":"${symbol.toLowerCase()}@depth@100ms","data":{"e":"depthUpdate","E":1723161256314,"T":1723161256313,"s":"${symbol}","U":157,"u":160,"pu":149,"b":[["61773.6","11${unit}"]],"a":[["61809.4","0${unit}"]]}}`,
    ],
    others: [
      `{"e":"depthUpdate","E":1723161256414,"T":1723161256413,"s":"${symbol}","U":161,"u":165,"pu":160,"b":[],"a":[["61809.4","7${unit}"]]}`,
      `{"e":"bookTicker","u":160,"s":"${symbol}","b":"61804.7","B":"35${unit}","a":"61804.8","A":"4${unit}","T":1723161256313,"E":1723161256314}`,
      `{"e":"trade","E":1723161256322,"T":1723161256321,"s":"${symbol}","t":5266583935,"p":"61804.8","q":"6${unit}","X":"MARKET","m":false}`,
      `{"e":"aggTrade","E":1723161256322,"s":"${symbol}","a":5933014,"p":"61804.7","q":"1${unit}","f":100,"l":105,"T":1723161256321,"m":true}`,
      '{"result":null,"id":1}',
    ],
  };
}

const bybit: MarketCorpus = {
  symbol: 'BTCUSDT',
  tickSize: '0.10',
  lotSize: '0.001',
  opening: [
    '{"topic":"orderbook.200.BTCUSDT","type":"snapshot","ts":1672304484978,"data":{"s":"BTCUSDT","b":[["16493.50","0.006"],["16493.00","0.100"]],"a":[["16611.00","0.029"],["16612.00","0.213"]],"u":18521288,"seq":7961638724},"cts":1672304484976}',
  ],
  others: [
    '{"topic":"orderbook.200.BTCUSDT","type":"delta","ts":1672304485078,"data":{"s":"BTCUSDT","b":[["16493.50","0"]],"a":[["16611.50","1.000"]],"u":18521289,"seq":7961638725},"cts":1672304485076}',
    '{"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":1672304486868,"data":[{"T":1672304486865,"s":"BTCUSDT","S":"Buy","v":"0.001","p":"16578.50","L":"PlusTick","i":"20f43950-d8dd-5b31-9112-a178eb6023af","BT":false,"seq":1783284617},{"T":1672304486866,"s":"BTCUSDT","S":"Sell","v":"0.002","p":"16578.00","L":"MinusTick","i":"20f43950-d8dd-5b31-9112-a178eb6023b0","BT":false,"seq":1783284618}]}',
    '{"success":true,"ret_msg":"","conn_id":"d30fdad0","req_id":"subscribe-1","op":"subscribe"}',
    '{"success":true,"ret_msg":"pong","conn_id":"d30fdad0","op":"ping"}',
    '{"success":false,"ret_msg":"error:handler not found,topic:orderbook.200.BTCUSD","conn_id":"d30fdad0","op":"subscribe"}',
  ],
};

const upbit: MarketCorpus = {
  symbol: 'KRW-BTC',
  tickSize: '1000',
  lotSize: '0.00000001',
  opening: [
    '{"ty":"orderbook","cd":"KRW-BTC","tms":1618678262640,"tas":3.5,"tbs":5.25,"obu":[{"ap":67270000.0,"bp":67190000.0,"as":1.5,"bs":2.25},{"ap":67280000.0,"bp":67180000.0,"as":2.0,"bs":3.0}],"st":"SNAPSHOT"}',
  ],
  others: [
    '{"type":"orderbook","code":"KRW-BTC","timestamp":1618678262740,"total_ask_size":1.5,"total_bid_size":2.25,"orderbook_units":[{"ask_price":67270000.0,"bid_price":67190000.0,"ask_size":1.5,"bid_size":2.25}],"level":0,"stream_type":"REALTIME"}',
    '{"ty":"trade","cd":"KRW-BTC","tms":1618678262712,"td":"2021-04-17","ttm":"16:51:02","ttms":1618678262000,"tp":67270000.0,"tv":0.00064883,"ab":"BID","pcp":67000000.00000000,"c":"RISE","cp":270000.0,"sid":16186782620000031,"st":"REALTIME"}',
    '{"type":"trade","code":"KRW-BTC","timestamp":1584508285812,"trade_date":"2020-03-18","trade_time":"05:11:25","trade_timestamp":1584508285000,"trade_price":67190000,"trade_volume":0.06499468,"ask_bid":"ASK","prev_closing_price":67740000,"change":"FALL","change_price":27000,"sequential_id":1584508285000002,"stream_type":"REALTIME"}',
    '[{"ty":"orderbook","cd":"KRW-BTC","tms":1618678262840,"tas":1.5,"tbs":2.25,"obu":[{"ap":67270000.0,"bp":67190000.0,"as":1.5,"bs":2.25}],"st":"REALTIME"}]',
    '{"status":"UP"}',
    '{"error":{"name":"NO_CODES","message":"codes must not be empty"}}',
  ],
};

const okx: MarketCorpus = {
  symbol: 'BTC-USDT',
  tickSize: '0.1',
  lotSize: '0.00000001',
  opening: [
    '{"arg":{"channel":"books","instId":"BTC-USDT"},"action":"snapshot","data":[{"asks":[["30100.1","0.00229","0","1"]],"bids":[["30100","1.1","0","3"],["30099.9","0.5","0","1"]],"ts":"1652459225504","checksum":0,"seqId":10,"prevSeqId":-1}]}',
    '{"arg":{"channel":"books","instId":"BTC-USDT"},"action":"update","data":[{"asks":[["30100.2","0.3","0","1"]],"bids":[],"ts":"1652459225604","checksum":0,"seqId":15,"prevSeqId":10}]}',
  ],
  others: [
    '{"arg":{"channel":"books","instId":"BTC-USDT"},"action":"update","data":[{"asks":[["30100.2","0","0","0"]],"bids":[["30099.9","0.7","0","2"]],"ts":"1652459225704","checksum":-855196043,"seqId":16,"prevSeqId":15}]}',
    '{"arg":{"channel":"trades","instId":"BTC-USDT"},"data":[{"instId":"BTC-USDT","tradeId":"319231723","px":"30100.1","sz":"0.001","side":"buy","ts":"1652459225700"}]}',
    '{"arg":{"channel":"tickers","instId":"BTC-USDT"},"data":[{"instType":"SPOT","instId":"BTC-USDT","last":"30100.1","lastSz":"0.001","askPx":"30100.1","askSz":"0.00229","bidPx":"30100","bidSz":"1.1","ts":"1652459225700"}]}',
    '{"event":"subscribe","arg":{"channel":"books","instId":"BTC-USDT"}}',
    '{"event":"error","code":"60012","msg":"Invalid request"}',
    'pong',
  ],
};

const kraken: MarketCorpus = {
  symbol: 'XBT/USD',
  tickSize: '0.1',
  lotSize: '0.00000001',
  opening: [
    '{"channelID":336,"channelName":"book-1000","event":"subscriptionStatus","pair":"XBT/USD","status":"subscribed","subscription":{"depth":1000,"name":"book"}}',
    '[336,{"as":[["5541.3","2.50700000","1534614248.123678"],["5541.8","0.33000000","1534614098.345543"]],"bs":[["5541.2","1.52900000","1534614248.765567"]]},"book-1000","XBT/USD"]',
  ],
  others: [
    '[336,{"a":[["5541.3","2.50700000","1534614248.456738"]],"c":"974942666"},"book-1000","XBT/USD"]',
    '[336,{"a":[["5541.3","0.00000000","1534614249.456738","r"]]},{"b":[["5541.0","0.40100000","1534614249.330000"]],"c":"974942666"},"book-1000","XBT/USD"]',
    '[337,[["5541.20000","0.15850568","1534614057.321597","s","l",""],["5541.30000","0.01000000","1534614057.324998","b","m",""]],"trade","XBT/USD"]',
    '[338,{"a":["5541.30000",1,"1.000"],"b":["5541.20000",1,"1.000"],"c":["5541.3","0.1"]},"ticker","XBT/USD"]',
    '{"event":"heartbeat"}',
    '{"event":"pong","reqid":42}',
    '{"connectionID":8628615390848610000,"event":"systemStatus","status":"online","version":"1.0.0"}',
    '{"errorMessage":"Currency pair not supported","event":"subscriptionStatus","status":"error"}',
  ],
};

/** One entry a protocol: a protocol without a corpus does not compile. */
export const marketCorpora: Readonly<Record<MarketProtocol, MarketCorpus>> = {
  'binance-spot': binanceSpot,
  'binance-usdm': futures('BTCUSDT', '0.001', '.001'),
  'binance-coinm': futures('BTCUSD_PERP', '1', ''),
  bybit,
  'bybit-spot': bybit,
  upbit,
  okx,
  kraken,
};
