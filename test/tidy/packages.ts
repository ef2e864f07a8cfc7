/** The part of a lock file that is looked at here. */
export interface LockFile {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

export interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** A host in the lock file ties every clone to the registry that its writer used. */
export function registryHosts({ packages }: LockFile): readonly string[] {
  return Object.entries(packages)
    .filter(([, { resolved }]) => resolved?.includes('://'))
    .map(([path, { resolved }]) => `${path} is tied to ${resolved}`);
}

/** npm ci refuses a lock file that does not name the builds of a package for every platform. */
export function missingPlatforms({ packages }: LockFile): readonly string[] {
  return Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter(
        (name) =>
          !(`node_modules/${name}` in packages) && !(`${path}/node_modules/${name}` in packages),
      )
      .map((name) => `${name}, wanted by ${path}, is not locked`),
  );
}
