/**
 * Where things lie in the kernel's memory, which never grows: views over it stay whole. The compiler's own constants come
 * before.
 */
/** Scales of the message's instrument: decimals of price and size (i32), then units of price and size (f64). */
export const SCALES: usize = 4096;
export const PRICE: usize = SCALES;
export const SIZE: usize = SCALES + 16;
/** Symbols that were looked up before. */
export const SYMBOLS: usize = 8192;
export const SYMBOL_SLOTS: i32 = 512;
export const SYMBOL_BYTES: i32 = 64;
/** Tables of members, written by the host when a venue's module is loaded. */
export const TABLES: usize = SYMBOLS + <usize>(SYMBOL_SLOTS * SYMBOL_BYTES);
export const TABLES_END: usize = 0x14000;
/** Numbers of the message (f64), then those of its rows. */
export const VALUES: usize = TABLES_END;
export const MESSAGE_VALUES: i32 = 64;
export const ROW_VALUES: i32 = 12;
export const MOST_ROWS: i32 = 4096;
export const ROWS: usize = VALUES + (MESSAGE_VALUES << 3);
/** Pairs of ticks and lots (f64). The second half is for the other side where both sides come in one list. */
export const LEVELS: usize = 0x80000;
export const MOST_LEVELS: i32 = 0x20000;
export const HALF_OF_LEVELS: i32 = 0x10000;
/** Decimals that the texts of each level had: price, size (u8). */
export const PLACES: usize = LEVELS + ((<usize>MOST_LEVELS) << 4);
export const PAYLOAD: usize = PLACES + ((<usize>MOST_LEVELS) << 1);
export const PAYLOAD_BYTES: i32 = 0x100000;
