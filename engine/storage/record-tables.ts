import { RecordFlag, RecordKind } from '../contract/record.ts';
import type { RecordTable } from './schema.ts';

/** What goes into a column; see CopyBuffer.addRecord. */
export const Field = {
  time: 0,
  journal: 1,
  sequence: 2,
  session: 3,
  series: 4,
  instrument: 5,
  exchangeTime: 6,
  side: 7,
  flags: 8,
  priceTicks: 9,
  sizeLots: 10,
  kind: 11,
  id: 12,
  aux: 13,
  value: 14,
  text: 15,
  maker: 16,
  ownerSequence: 17,
  /** Exchange time, or engine time where the venue gave none. */
  eventTime: 18,
  /** The text, which is JSON. */
  json: 19,
} as const;
export type Field = (typeof Field)[keyof typeof Field];

export interface TableLayout {
  columns: readonly string[];
  fields: readonly Field[];
}

type Column = readonly [name: string, field: Field];

const timed = (timeField: Field): readonly Column[] => [
  ['time', Field.time],
  ['journal', Field.journal],
  ['sequence', Field.sequence],
  ['session', Field.session],
  ['series', Field.series],
  ['instrument', Field.instrument],
  ['exchange_time', timeField],
  ['side', Field.side],
  ['flags', Field.flags],
  ['price_ticks', Field.priceTicks],
  ['size_lots', Field.sizeLots],
];

const common = timed(Field.exchangeTime);

function layout(...columns: Column[]): TableLayout {
  return { columns: columns.map(([name]) => name), fields: columns.map(([, field]) => field) };
}

/** Order and content of the columns in a COPY of each table. */
export const TABLE_LAYOUTS: Record<RecordTable, TableLayout> = {
  book_updates: layout(...common, ['kind', Field.kind], ['id', Field.id], ['aux', Field.aux], ['text', Field.text]),
  trades: layout(...timed(Field.eventTime), ['trade_id', Field.id], ['text', Field.text]),
  quotes: layout(...common, ['update_id', Field.id], ['text', Field.text]),
  orders_log: layout(
    ...common,
    ['kind', Field.kind],
    ['order_number', Field.id],
    ['aux', Field.aux],
    ['value', Field.value],
    ['text', Field.text],
  ),
  fills: layout(
    ...common,
    ['order_number', Field.id],
    ['venue_trade_id', Field.aux],
    ['fee', Field.value],
    ['maker', Field.maker],
    ['text', Field.text],
  ),
  session_log: layout(
    ...common,
    ['kind', Field.kind],
    ['id', Field.id],
    ['aux', Field.aux],
    ['value', Field.value],
    ['text', Field.text],
  ),
  journal_texts: layout(
    ['time', Field.time],
    ['journal', Field.journal],
    ['sequence', Field.sequence],
    ['session', Field.session],
    ['owner_sequence', Field.ownerSequence],
  ),
  book_tops: layout(...common, ['levels', Field.json]),
  latency_summaries: layout(...common, ['stages', Field.json]),
};

/** The one table of a record; kinds this program does not know go to the session log, nothing is left out. */
export function tableOf(kind: number): RecordTable {
  switch (kind) {
    case RecordKind.text:
      return 'journal_texts';
    case RecordKind.snapshotBegin:
    case RecordKind.level:
    case RecordKind.snapshotEnd:
    case RecordKind.diffBegin:
    case RecordKind.diffEnd:
      return 'book_updates';
    case RecordKind.trade:
      return 'trades';
    case RecordKind.quote:
      return 'quotes';
    case RecordKind.bookTop:
      return 'book_tops';
    case RecordKind.latencySummary:
      return 'latency_summaries';
    case RecordKind.orderFill:
      return 'fills';
    case RecordKind.orderSubmitted:
    case RecordKind.orderAccepted:
    case RecordKind.orderCancelled:
    case RecordKind.orderRejected:
    case RecordKind.orderUnknown:
    case RecordKind.orderBlocked:
    case RecordKind.cancelSubmitted:
    case RecordKind.cancelRejected:
    case RecordKind.orderAdopted:
      return 'orders_log';
    default:
      return 'session_log';
  }
}

export const MAKER_FLAG = RecordFlag.snapshotOrMaker;
