/** The configuration or its input cannot be used; a restart would not help. The message is one line for the user. */
export class UnusableInputError extends Error {
  override readonly name = 'UnusableInputError';
}
