import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from './temporary-folder.ts';

export interface KeptFolder {
  readonly path: string;
  /** To be called once it is not needed any more. What is kept stays. */
  remove(): void;
}

/**
 * A folder whose content follows from its name: made once, and kept for all who ask for it, in whatever
 * process. Whole or not there: who fails or is killed while it is made leaves none by that name.
 *
 * @param parent where it is kept; if nothing can be written there, it is made each time
 * @param make fills an empty folder
 * @param most so many are kept, those that were used last
 */
export async function keptFolder({
  parent,
  name,
  make,
  most,
}: {
  readonly parent: string;
  readonly name: string;
  readonly make: (folder: string) => Promise<void>;
  readonly most: number;
}): Promise<KeptFolder> {
  const path = join(parent, name);
  if (existsSync(path)) {
    markUsed(path);
    return { path, remove: () => {} };
  }
  const made = emptyFolder(parent);
  try {
    await make(made.path);
  } catch (error) {
    made.remove();
    throw error;
  }
  if (dirname(made.path) !== parent) return made;
  try {
    renameSync(made.path, path);
  } catch (error) {
    // Somebody was faster.
    if (!existsSync(path)) throw error;
  } finally {
    made.remove();
  }
  forgetOld(parent, most);
  return { path, remove: () => {} };
}

function emptyFolder(parent: string): KeptFolder {
  try {
    mkdirSync(parent, { recursive: true });
    return temporaryFolder(parent);
  } catch {
    // Somebody else's, or read-only.
    return temporaryFolder();
  }
}

function markUsed(folder: string): void {
  try {
    utimesSync(folder, new Date(), new Date());
  } catch {
    // Read-only: then nobody forgets old ones there either.
  }
}

/** Also what a killed process has begun goes, some folders later. */
function forgetOld(parent: string, most: number): void {
  const byUse = readdirSync(parent)
    .map((name) => join(parent, name))
    .map((folder) => ({ folder, used: statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .toSorted((a, b) => b.used - a.used);
  for (const { folder } of byUse.slice(most)) rmSync(folder, { recursive: true, force: true });
}
