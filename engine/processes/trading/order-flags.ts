import { RecordFlag } from '../../contract/record.ts';

/** Flags of an order's type in an intent record. */
export function orderFlags(type: 'limit' | 'ioc' | 'post-only', reduceOnly: boolean): number {
  const typeFlag = type === 'ioc' ? RecordFlag.immediateOrCancel : type === 'post-only' ? RecordFlag.postOnly : 0;
  return typeFlag | (reduceOnly ? RecordFlag.reduceOnly : 0);
}
