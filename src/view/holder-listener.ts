/** `lost`: a snapshot replaced the state, so there may have been many changes, or none. */
export type HolderListener = (change: 'changed' | 'lost') => void;
