/** Stages of the hot path, in order; each has a log-bucket histogram of ns. */
export const stageNames = [
  'read',
  'decode',
  'apply',
  'decide',
  'check',
  'write',
  'ack',
  'journal',
  'tickToOrder',
] as const;
export type StageName = (typeof stageNames)[number];
