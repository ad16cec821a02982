// What the server's API answers; its description is crates/moue-server/openapi.json.

export type Scope = 'read' | 'write' | 'admin';

export interface Info {
  version: string;
  pictures: number;
  weights: string;
  writable: boolean;
  max_body_bytes: number;
  scopes: Scope[];
  key: string | null;
}

export interface ServedPicture {
  id: number;
  path: string;
  label: string;
  caption?: string;
  tags?: string[];
  added: number;
  faces: { id: number }[];
}

export interface ServedMatch {
  id: number;
  label: string;
  path: string;
  emoji?: string;
  caption?: string;
  tags: string[];
  distance: number;
  similarity: number;
  score: number;
  time?: number;
}

export interface Placed {
  id: number;
  face: number;
  words: string;
}

export interface ServedMap {
  columns: number;
  pictures: Placed[];
  left_out: number;
}

export interface ServedKey {
  name: string;
  scopes: Scope[];
  created: number;
}
