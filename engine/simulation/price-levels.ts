const PAGE_BITS = 10;
const PAGE_LEVELS = 1 << PAGE_BITS;
const PAGE_MASK = PAGE_LEVELS - 1;
const WORDS_PER_PAGE = PAGE_LEVELS >> 5;

/** `bestKey` of an empty side: larger than every key, so that "is the best within my limit?" is one comparison. */
export const NO_LEVEL = 0x7fffffff;

/**
 * The price levels of one side, best first. A level is addressed by a key that grows away from the touch (asks: the
 * price in ticks, bids: highest price minus the price), so both sides share one code path.
 *
 * Levels live in pages of 1024 that exist only where orders rest, so a far-away order costs one page and not an array
 * over the whole price range. Three bitmaps (level, word, page) find the next level in a handful of instructions.
 * `head`, `tail` and `totalLots` are indexed by {@link slotOf}; an empty slot has all of them 0.
 * Orders are numbered from 1.
 */
export class PriceLevels {
  bestKey = NO_LEVEL;
  levelCount = 0;
  head: Int32Array;
  tail: Int32Array;
  totalLots: Float64Array;
  readonly #pageAt: Int32Array;
  readonly #pageBits: Int32Array;
  #levelBits: Int32Array;
  #wordBits: Int32Array;
  #freePages: number[] = [];
  #pageCapacity = 8;
  #pageCount = 0;

  constructor(maxKey: number) {
    const pages = (maxKey >> PAGE_BITS) + 1;
    this.#pageAt = new Int32Array(pages).fill(-1);
    this.#pageBits = new Int32Array((pages >> 5) + 1);
    this.head = new Int32Array(this.#pageCapacity * PAGE_LEVELS);
    this.tail = new Int32Array(this.#pageCapacity * PAGE_LEVELS);
    this.totalLots = new Float64Array(this.#pageCapacity * PAGE_LEVELS);
    this.#levelBits = new Int32Array(this.#pageCapacity * WORDS_PER_PAGE);
    this.#wordBits = new Int32Array(this.#pageCapacity);
  }

  /** Slot of a key, -1 where its page holds no order. */
  slotOf(key: number): number {
    const page = this.#pageAt[key >> PAGE_BITS] as number;
    return page < 0 ? -1 : (page << PAGE_BITS) | (key & PAGE_MASK);
  }

  /** Slot of a key about to receive an order; marks the level as present. */
  open(key: number): number {
    const pageNumber = key >> PAGE_BITS;
    let page = this.#pageAt[pageNumber] as number;
    if (page < 0) page = this.#addPage(pageNumber);
    const slot = (page << PAGE_BITS) | (key & PAGE_MASK);
    if (this.head[slot] === 0) {
      const word = (key & PAGE_MASK) >> 5;
      const at = page * WORDS_PER_PAGE + word;
      this.#levelBits[at] = (this.#levelBits[at] as number) | (1 << (key & 31));
      this.#wordBits[page] = (this.#wordBits[page] as number) | (1 << word);
      this.levelCount++;
      if (key < this.bestKey) this.bestKey = key;
    }
    return slot;
  }

  /** The last order of the level is gone: forgets the level and moves `bestKey` on. */
  close(key: number): void {
    const pageNumber = key >> PAGE_BITS;
    const page = this.#pageAt[pageNumber] as number;
    const word = (key & PAGE_MASK) >> 5;
    const at = page * WORDS_PER_PAGE + word;
    const left = (this.#levelBits[at] as number) & ~(1 << (key & 31));
    this.#levelBits[at] = left;
    if (left === 0) this.#wordBits[page] = (this.#wordBits[page] as number) & ~(1 << word);
    this.levelCount--;
    if (key === this.bestKey) this.bestKey = this.nextKey(key);
    if (this.#wordBits[page] === 0) {
      this.#pageAt[pageNumber] = -1;
      this.#pageBits[pageNumber >> 5] = (this.#pageBits[pageNumber >> 5] as number) & ~(1 << (pageNumber & 31));
      this.#freePages.push(page);
    }
  }

  /** The nearest level behind `key`, or NO_LEVEL. */
  nextKey(key: number): number {
    let pageNumber = key >> PAGE_BITS;
    let page = this.#pageAt[pageNumber] as number;
    if (page >= 0) {
      const word = (key & PAGE_MASK) >> 5;
      // `-2 << 31` would shift by 31 to 0, which is right: nothing lies behind bit 31 of a word.
      const bits = (this.#levelBits[page * WORDS_PER_PAGE + word] as number) & (-2 << (key & 31));
      if (bits !== 0) return (pageNumber << PAGE_BITS) | (word << 5) | lowestBit(bits);
      const words = (this.#wordBits[page] as number) & (-2 << word);
      if (words !== 0) return this.#firstIn(pageNumber, page, lowestBit(words));
    }
    let group = pageNumber >> 5;
    let pages = (this.#pageBits[group] as number) & (-2 << (pageNumber & 31));
    while (pages === 0) {
      if (++group >= this.#pageBits.length) return NO_LEVEL;
      pages = this.#pageBits[group] as number;
    }
    pageNumber = (group << 5) | lowestBit(pages);
    page = this.#pageAt[pageNumber] as number;
    return this.#firstIn(pageNumber, page, lowestBit(this.#wordBits[page] as number));
  }

  #firstIn(pageNumber: number, page: number, word: number): number {
    const bits = this.#levelBits[page * WORDS_PER_PAGE + word] as number;
    return (pageNumber << PAGE_BITS) | (word << 5) | lowestBit(bits);
  }

  #addPage(pageNumber: number): number {
    const page = this.#freePages.pop() ?? this.#newPage();
    this.#pageAt[pageNumber] = page;
    this.#pageBits[pageNumber >> 5] = (this.#pageBits[pageNumber >> 5] as number) | (1 << (pageNumber & 31));
    return page;
  }

  #newPage(): number {
    if (this.#pageCount === this.#pageCapacity) {
      this.#pageCapacity *= 2;
      const slots = this.#pageCapacity * PAGE_LEVELS;
      this.head = grown(this.head, new Int32Array(slots));
      this.tail = grown(this.tail, new Int32Array(slots));
      this.totalLots = grown(this.totalLots, new Float64Array(slots));
      this.#levelBits = grown(this.#levelBits, new Int32Array(this.#pageCapacity * WORDS_PER_PAGE));
      this.#wordBits = grown(this.#wordBits, new Int32Array(this.#pageCapacity));
    }
    return this.#pageCount++;
  }
}

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}

function grown<T extends Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
