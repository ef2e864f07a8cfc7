/** Counts since this member started, in the names of `/v2/stats/store`. */
export interface StoreStatistics {
  readonly getsSuccess: number;
  readonly getsFail: number;
  readonly setsSuccess: number;
  readonly setsFail: number;
  readonly deleteSuccess: number;
  readonly deleteFail: number;
  readonly updateSuccess: number;
  readonly updateFail: number;
  readonly createSuccess: number;
  readonly createFail: number;
  readonly compareAndSwapSuccess: number;
  readonly compareAndSwapFail: number;
  readonly compareAndDeleteSuccess: number;
  readonly compareAndDeleteFail: number;
  readonly expireCount: number;
  readonly watchers: number;
}
