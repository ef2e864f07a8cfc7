/** The one table of errors: code, etcd's message, HTTP status (etcd v2, "Error Codes"). */
export const errorTable = {
  keyNotFound: { errorCode: 100, message: 'Key not found', status: 404 },
  testFailed: { errorCode: 101, message: 'Compare failed', status: 412 },
  notFile: { errorCode: 102, message: 'Not a file', status: 403 },
  notDir: { errorCode: 104, message: 'Not a directory', status: 400 },
  nodeExist: { errorCode: 105, message: 'Key already exists', status: 412 },
  rootReadOnly: { errorCode: 107, message: 'Root is read only', status: 400 },
  dirNotEmpty: { errorCode: 108, message: 'Directory not empty', status: 403 },
  unauthorized: {
    errorCode: 110,
    message: 'The request requires user authentication',
    status: 401,
  },
  lockNotAcquired: { errorCode: 111, message: 'Lock not acquired', status: 409 },
  /** Not in etcd, as the next one. */
  lockLimitDiffers: { errorCode: 112, message: 'Lock limit differs', status: 409 },
  lockModeDiffers: { errorCode: 113, message: 'Lock mode differs', status: 409 },
  /** Refused changes of users and roles. etcd tells their cause alone, with these statuses. */
  authInvalid: { errorCode: 114, message: 'Invalid change of users or roles', status: 400 },
  authForbidden: { errorCode: 115, message: 'Forbidden change of users or roles', status: 403 },
  authNotFound: { errorCode: 116, message: 'User or role not found', status: 404 },
  authConflict: { errorCode: 117, message: 'Conflicting change of users or roles', status: 409 },
  /** Not in etcd. */
  tooManyFailures: { errorCode: 118, message: 'Too many failed log-ins', status: 429 },
  prevValueRequired: { errorCode: 201, message: 'PrevValue is Required in POST form', status: 400 },
  ttlNaN: { errorCode: 202, message: 'The given TTL in POST form is not a number', status: 400 },
  indexNaN: {
    errorCode: 203,
    message: 'The given index in POST form is not a number',
    status: 400,
  },
  timeoutNaN: {
    errorCode: 205,
    message: 'The given timeout in POST form is not a number',
    status: 400,
  },
  nameRequired: { errorCode: 206, message: 'Name is required in POST form', status: 400 },
  indexOrValueRequired: { errorCode: 207, message: 'Index or value is required', status: 400 },
  indexValueMutex: {
    errorCode: 208,
    message: 'Index and value cannot both be specified',
    status: 400,
  },
  invalidField: { errorCode: 209, message: 'Invalid field', status: 400 },
  invalidForm: { errorCode: 210, message: 'Invalid POST form', status: 400 },
  refreshValue: { errorCode: 211, message: 'Value provided on refresh', status: 400 },
  refreshTtlRequired: {
    errorCode: 212,
    message: 'A TTL must be provided on refresh',
    status: 400,
  },
  /** Not in etcd. */
  bodyTooLarge: { errorCode: 213, message: 'The request body is too large', status: 413 },
  raftInternal: { errorCode: 300, message: 'Raft Internal Error', status: 500 },
  leaderElect: { errorCode: 301, message: 'During Leader Election', status: 503 },
  /** Not in etcd. */
  tooManyWaiting: { errorCode: 302, message: 'Too many requests wait', status: 503 },
  /** Not in etcd. */
  auditFailed: { errorCode: 303, message: 'The audit log cannot be written', status: 503 },
  eventIndexCleared: {
    errorCode: 401,
    message: 'The event in requested index is outdated and cleared',
    status: 400,
  },
} as const;

export type ErrorName = keyof typeof errorTable;
