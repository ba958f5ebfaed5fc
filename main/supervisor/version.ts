/** Replaced by the version in package.json when bundling. */
declare const CHRISTMAS_VERSION: string | undefined;

export const version: string = typeof CHRISTMAS_VERSION === 'string' ? CHRISTMAS_VERSION : '0.0.0-source';
