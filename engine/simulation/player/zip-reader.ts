import { readFile } from 'node:fs/promises';
import { crc32, inflateRawSync } from 'node:zlib';
