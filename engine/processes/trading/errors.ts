/** The configuration or its input cannot be used; a restart would not help. The message is one line for the user. */
export class UnusableInputError extends Error {
  override readonly name = 'UnusableInputError';
}

/** A page asked for something that is not done; the message is one line for the user. Nothing has gone wrong inside. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

/** A venue could not be asked, or its answer not be understood; later it may. The message is one line for the user. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
}
