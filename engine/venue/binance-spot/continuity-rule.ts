/**
 * How a venue numbers its depth updates, and with that how an update proves to follow the one before and how the
 * snapshot joins. Data rather than methods: ids handed to a call that is not inlined would be boxed, once an update.
 */
export interface ContinuityRule {
  /**
   * False: ids count by one, so an update starts (`U`) where the one before ended, plus one; what ends at the snapshot's
   * id is dropped.
   * True: ids have holes (they count for all symbols of the venue), so each update names the end of the one before
   * (`pu`); what ends before the snapshot's id is dropped, and the first one applied must reach from at or before that id
   * to it or beyond.
   */
  readonly namesPrevious: boolean;
}

export const spotRule: ContinuityRule = { namesPrevious: false };
export const futuresRule: ContinuityRule = { namesPrevious: true };
