import { safeStorage } from 'electron';
import type { SecretCodec } from '../supervisor/secret-store.ts';

const PREFIX = 'safe-storage:';

/**
 * Encrypts with the system's key store. Where there is none (on Linux that means a fixed key, which protects nothing) it
 * leaves the text as it is, in a file only its owner may read. Only after `ready`.
 */
export async function systemSecretCodec(warn: (text: string) => void): Promise<SecretCodec> {
  const isReal = process.platform !== 'linux' || safeStorage.getSelectedStorageBackend() !== 'basic_text';
  const available = isReal && (await safeStorage.isAsyncEncryptionAvailable());
  if (!available) warn('No system key store: secrets are protected by file permissions only');
  return {
    encode: async (text) =>
      available ? PREFIX + (await safeStorage.encryptStringAsync(text)).toString('base64') : text,
    decode: async (text) => {
      // Written by the Node host, or while there was no key store.
      if (!text.startsWith(PREFIX)) return text;
      const encrypted = Buffer.from(text.slice(PREFIX.length), 'base64');
      return (await safeStorage.decryptStringAsync(encrypted)).result;
    },
  };
}
