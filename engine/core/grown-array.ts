/** The array itself when it has room for `length` numbers, else a copy of at least twice the size. */
export function grownFloat64(array: Float64Array, length: number): Float64Array {
  if (length <= array.length) return array;
  const larger = new Float64Array(Math.max(length, 2 * array.length));
  larger.set(array);
  return larger;
}

/** As {@link grownFloat64}. */
export function grownUint8(array: Uint8Array, length: number): Uint8Array {
  if (length <= array.length) return array;
  const larger = new Uint8Array(Math.max(length, 2 * array.length));
  larger.set(array);
  return larger;
}

/** As {@link grownFloat64}. */
export function grownInt32(array: Int32Array, length: number): Int32Array {
  if (length <= array.length) return array;
  const larger = new Int32Array(Math.max(length, 2 * array.length));
  larger.set(array);
  return larger;
}
