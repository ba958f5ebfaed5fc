import { randomBytes } from 'node:crypto';
import { chmodSync, readFileSync, renameSync } from 'node:fs';
import { z } from 'zod';
import { writeFileAtomic } from './atomic-file.ts';

export interface Secrets {
  /** Key of the account at the simulated venue; random per data folder. */
  simApiKey: string;
  simApiSecret: string;
  /** Of the Redis of the settings; empty for none. */
  redisPassword: string;
}

/** How secrets lie on disk. Electron encrypts with the system's key store where it has one. */
export interface SecretCodec {
  encode(text: string): Promise<string>;
  /** Rejects when the text was not written by this codec. */
  decode(text: string): Promise<string>;
}

/** As they are, in a file of mode 0600. */
export const plainSecretCodec: SecretCodec = {
  encode: (text) => Promise.resolve(text),
  decode: (text) => Promise.resolve(text),
};

const schema: z.ZodType<Secrets> = z.object({
  simApiKey: z.string().min(32),
  simApiSecret: z.string().min(32),
  // A later addition.
  redisPassword: z.string().max(1_024).default(''),
});

/**
 * Secrets of this data folder, made at random on first use, in a file only its owner may read. Never sent to a page.
 * A file that cannot be read is kept as `.bad` and replaced: it protects the simulated account, and a password that can
 * be typed again.
 */
export async function loadSecrets(path: string, codec: SecretCodec, warn: (text: string) => void): Promise<Secrets> {
  let text: string | undefined;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  if (text !== undefined) {
    try {
      const secrets = schema.parse(JSON.parse(await codec.decode(text)));
      chmodSync(path, 0o600);
      return secrets;
    } catch {
      // The reason may quote the content: it is not repeated.
      renameSync(path, `${path}.bad`);
      warn(`Secrets were not readable; kept as ${path}.bad, made new ones`);
    }
  }
  const secrets = {
    simApiKey: randomBytes(32).toString('hex'),
    simApiSecret: randomBytes(32).toString('hex'),
    redisPassword: '',
  };
  await saveSecrets(path, codec, secrets);
  return secrets;
}

/** Writes them in place of what was there. @throws RangeError when one of them cannot be a secret; none is repeated */
export async function saveSecrets(path: string, codec: SecretCodec, secrets: Secrets): Promise<void> {
  const checked = schema.safeParse(secrets);
  if (!checked.success) throw new RangeError(`${checked.error.issues[0]?.path.join('.')}: not a usable secret`);
  writeFileAtomic(path, await codec.encode(JSON.stringify(checked.data)), 0o600);
}
