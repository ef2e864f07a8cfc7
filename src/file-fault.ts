/** By the code of the failed system call. */
const faults: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'it is a directory',
  EACCES: 'this process may not read it',
  EPERM: 'this process may not read it',
};

/** Why a file cannot be read. Undefined: the error is not that of a system call. */
export function fileFault(error: unknown): string | undefined {
  if (!(error instanceof Error && 'code' in error)) return undefined;
  return faults[String(error.code)] ?? error.message;
}
