// Generated from journal.proto by "npm run generate". Do not edit.
import * as $protobuf from "protobufjs/minimal.js";
import Long = require("long");

export namespace peervault {
    namespace journal {
        interface IBatch extends peervault.journal.Batch.$Properties {
        }
        class Batch {
            constructor(properties?: peervault.journal.Batch.$Properties);
            $unknowns?: Uint8Array[];
            header: Uint8Array;
            sealed: Uint8Array;
            signature: Uint8Array;
            sealedHash: Uint8Array;
            static encode(message: peervault.journal.Batch.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.journal.Batch & peervault.journal.Batch.$Shape;
        }

        namespace Batch {
            interface $Properties {
                header?: (Uint8Array|null);
                sealed?: (Uint8Array|null);
                signature?: (Uint8Array|null);
                sealedHash?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.journal.Batch.$Properties;
        }
        interface IBatchHeader extends peervault.journal.BatchHeader.$Properties {
        }
        class BatchHeader {
            constructor(properties?: peervault.journal.BatchHeader.$Properties);
            $unknowns?: Uint8Array[];
            version: number;
            vault: Uint8Array;
            device: Uint8Array;
            incarnation: Uint8Array;
            sequence: number;
            previous: Uint8Array;
            membershipHeads: Uint8Array[];
            epoch: Uint8Array;
            salt: Uint8Array;
            chunksAdded: Uint8Array;
            chunksReused: Uint8Array;
            smallRecords: Uint8Array;
            acknowledges: Uint8Array[];
            static encode(message: peervault.journal.BatchHeader.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.journal.BatchHeader & peervault.journal.BatchHeader.$Shape;
        }

        namespace BatchHeader {
            interface $Properties {
                version?: (number|null);
                vault?: (Uint8Array|null);
                device?: (Uint8Array|null);
                incarnation?: (Uint8Array|null);
                sequence?: (number|null);
                previous?: (Uint8Array|null);
                membershipHeads?: (Uint8Array[]|null);
                epoch?: (Uint8Array|null);
                salt?: (Uint8Array|null);
                chunksAdded?: (Uint8Array|null);
                chunksReused?: (Uint8Array|null);
                smallRecords?: (Uint8Array|null);
                acknowledges?: (Uint8Array[]|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.journal.BatchHeader.$Properties;
        }
        interface IBatchBody extends peervault.journal.BatchBody.$Properties {
        }
        class BatchBody {
            constructor(properties?: peervault.journal.BatchBody.$Properties);
            $unknowns?: Uint8Array[];
            wallMs: number;
            counter: number;
            lamport: number;
            seen: peervault.journal.Seen.$Properties[];
            ops: peervault.journal.Op.$Properties[];
            reissued: peervault.journal.Reissued.$Properties[];
            static encode(message: peervault.journal.BatchBody.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.journal.BatchBody & peervault.journal.BatchBody.$Shape;
        }

        namespace BatchBody {
            interface $Properties {
                wallMs?: (number|null);
                counter?: (number|null);
                lamport?: (number|null);
                seen?: (peervault.journal.Seen.$Properties[]|null);
                ops?: (peervault.journal.Op.$Properties[]|null);
                reissued?: (peervault.journal.Reissued.$Properties[]|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = {
              wallMs?: number|null;
              counter?: number|null;
              lamport?: number|null;
              seen?: peervault.journal.Seen.$Shape[]|null;
              ops?: peervault.journal.Op.$Shape[]|null;
              reissued?: peervault.journal.Reissued.$Shape[]|null;
              $unknowns?: Uint8Array[];
            };
        }
        interface IReissued extends peervault.journal.Reissued.$Properties {
        }
        class Reissued {
            constructor(properties?: peervault.journal.Reissued.$Properties);
            $unknowns?: Uint8Array[];
            incarnation: Uint8Array;
            sequence: number;
            hash: Uint8Array;
            first: number;
            count: number;
            at: number;
            static encode(message: peervault.journal.Reissued.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.journal.Reissued & peervault.journal.Reissued.$Shape;
        }

        namespace Reissued {
            interface $Properties {
                incarnation?: (Uint8Array|null);
                sequence?: (number|null);
                hash?: (Uint8Array|null);
                first?: (number|null);
                count?: (number|null);
                at?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.journal.Reissued.$Properties;
        }
        interface ISeen extends peervault.journal.Seen.$Properties {
        }
        class Seen {
            constructor(properties?: peervault.journal.Seen.$Properties);
            $unknowns?: Uint8Array[];
            device: Uint8Array;
            incarnation: Uint8Array;
            sequence: number;
            static encode(message: peervault.journal.Seen.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.journal.Seen & peervault.journal.Seen.$Shape;
        }

        namespace Seen {
            interface $Properties {
                device?: (Uint8Array|null);
                incarnation?: (Uint8Array|null);
                sequence?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.journal.Seen.$Properties;
        }
        interface IOpRef extends peervault.journal.OpRef.$Properties {
        }
        class OpRef {
            constructor(properties?: peervault.journal.OpRef.$Properties);
            $unknowns?: Uint8Array[];
            device: Uint8Array;
            incarnation: Uint8Array;
            sequence: number;
            index: number;
            static encode(message: peervault.journal.OpRef.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.journal.OpRef & peervault.journal.OpRef.$Shape;
        }

        namespace OpRef {
            interface $Properties {
                device?: (Uint8Array|null);
                incarnation?: (Uint8Array|null);
                sequence?: (number|null);
                index?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.journal.OpRef.$Properties;
        }
        interface IOp extends peervault.journal.Op.$Properties {
        }
        class Op {
            constructor(properties?: peervault.journal.Op.$Properties);
            $unknowns?: Uint8Array[];
            make?: (peervault.journal.Make.$Properties|null);
            write?: (peervault.journal.Write.$Properties|null);
            setAttributes?: (peervault.journal.SetAttributes.$Properties|null);
            link?: (peervault.journal.Link.$Properties|null);
            move?: (peervault.journal.Move.$Properties|null);
            unlink?: (peervault.journal.Unlink.$Properties|null);
            removeDirectory?: (peervault.journal.RemoveDirectory.$Properties|null);
            takeSnapshot?: (peervault.journal.TakeSnapshot.$Properties|null);
            dropSnapshot?: (peervault.journal.DropSnapshot.$Properties|null);
            note?: (peervault.journal.Note.$Properties|null);
            kind?: ("make"|"write"|"setAttributes"|"link"|"move"|"unlink"|"removeDirectory"|"takeSnapshot"|"dropSnapshot"|"note");
            static encode(message: peervault.journal.Op.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.journal.Op & peervault.journal.Op.$Shape;
        }

        namespace Op {
            interface $Properties {
                make?: (peervault.journal.Make.$Properties|null);
                write?: (peervault.journal.Write.$Properties|null);
                setAttributes?: (peervault.journal.SetAttributes.$Properties|null);
                link?: (peervault.journal.Link.$Properties|null);
                move?: (peervault.journal.Move.$Properties|null);
                unlink?: (peervault.journal.Unlink.$Properties|null);
                removeDirectory?: (peervault.journal.RemoveDirectory.$Properties|null);
                takeSnapshot?: (peervault.journal.TakeSnapshot.$Properties|null);
                dropSnapshot?: (peervault.journal.DropSnapshot.$Properties|null);
                note?: (peervault.journal.Note.$Properties|null);
                kind?: ("make"|"write"|"setAttributes"|"link"|"move"|"unlink"|"removeDirectory"|"takeSnapshot"|"dropSnapshot"|"note");
                $unknowns?: Uint8Array[];
            }
            type $Shape = {
              make?: peervault.journal.Make.$Shape|null;
              write?: peervault.journal.Write.$Shape|null;
              setAttributes?: peervault.journal.SetAttributes.$Shape|null;
              link?: peervault.journal.Link.$Shape|null;
              move?: peervault.journal.Move.$Shape|null;
              unlink?: peervault.journal.Unlink.$Shape|null;
              removeDirectory?: peervault.journal.RemoveDirectory.$Shape|null;
              takeSnapshot?: peervault.journal.TakeSnapshot.$Shape|null;
              dropSnapshot?: peervault.journal.DropSnapshot.$Shape|null;
              note?: peervault.journal.Note.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ kind?: undefined; make?: null; write?: null; setAttributes?: null; link?: null; move?: null; unlink?: null; removeDirectory?: null; takeSnapshot?: null; dropSnapshot?: null; note?: null }|{ kind?: "make"; make: peervault.journal.Make.$Shape; write?: null; setAttributes?: null; link?: null; move?: null; unlink?: null; removeDirectory?: null; takeSnapshot?: null; dropSnapshot?: null; note?: null }|{ kind?: "write"; make?: null; write: peervault.journal.Write.$Shape; setAttributes?: null; link?: null; move?: null; unlink?: null; removeDirectory?: null; takeSnapshot?: null; dropSnapshot?: null; note?: null }|{ kind?: "setAttributes"; make?: null; write?: null; setAttributes: peervault.journal.SetAttributes.$Shape; link?: null; move?: null; unlink?: null; removeDirectory?: null; takeSnapshot?: null; dropSnapshot?: null; note?: null }|{ kind?: "link"; make?: null; write?: null; setAttributes?: null; link: peervault.journal.Link.$Shape; move?: null; unlink?: null; removeDirectory?: null; takeSnapshot?: null; dropSnapshot?: null; note?: null }|{ kind?: "move"; make?: null; write?: null; setAttributes?: null; link?: null; move: peervault.journal.Move.$Shape; unlink?: null; removeDirectory?: null; takeSnapshot?: null; dropSnapshot?: null; note?: null }|{ kind?: "unlink"; make?: null; write?: null; setAttributes?: null; link?: null; move?: null; unlink: peervault.journal.Unlink.$Shape; removeDirectory?: null; takeSnapshot?: null; dropSnapshot?: null; note?: null }|{ kind?: "removeDirectory"; make?: null; write?: null; setAttributes?: null; link?: null; move?: null; unlink?: null; removeDirectory: peervault.journal.RemoveDirectory.$Shape; takeSnapshot?: null; dropSnapshot?: null; note?: null }|{ kind?: "takeSnapshot"; make?: null; write?: null; setAttributes?: null; link?: null; move?: null; unlink?: null; removeDirectory?: null; takeSnapshot: peervault.journal.TakeSnapshot.$Shape; dropSnapshot?: null; note?: null }|{ kind?: "dropSnapshot"; make?: null; write?: null; setAttributes?: null; link?: null; move?: null; unlink?: null; removeDirectory?: null; takeSnapshot?: null; dropSnapshot: peervault.journal.DropSnapshot.$Shape; note?: null }|{ kind?: "note"; make?: null; write?: null; setAttributes?: null; link?: null; move?: null; unlink?: null; removeDirectory?: null; takeSnapshot?: null; dropSnapshot?: null; note: peervault.journal.Note.$Shape })
            );
        }
        enum NodeKind {
            NODE_KIND_UNKNOWN = 0,
            FILE = 1,
            DIRECTORY = 2,
            SYMLINK = 3
        }
        interface IMake extends peervault.journal.Make.$Properties {
        }
        class Make {
            constructor(properties?: peervault.journal.Make.$Properties);
            $unknowns?: Uint8Array[];
            node: Uint8Array;
            kind: peervault.journal.NodeKind;
            entry: Uint8Array;
            parent: Uint8Array;
            name: Uint8Array;
            attributes?: (peervault.journal.Attributes.$Properties|null);
            content?: (peervault.journal.Content.$Properties|null);
            target: Uint8Array;
            over?: (peervault.journal.Replaced.$Properties|null);
            static encode(message: peervault.journal.Make.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.journal.Make & peervault.journal.Make.$Shape;
        }

        namespace Make {
            interface $Properties {
                node?: (Uint8Array|null);
                kind?: (peervault.journal.NodeKind|null);
                entry?: (Uint8Array|null);
                parent?: (Uint8Array|null);
                name?: (Uint8Array|null);
                attributes?: (peervault.journal.Attributes.$Properties|null);
                content?: (peervault.journal.Content.$Properties|null);
                target?: (Uint8Array|null);
                over?: (peervault.journal.Replaced.$Properties|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = {
              node?: Uint8Array|null;
              kind?: peervault.journal.NodeKind|null;
              entry?: Uint8Array|null;
              parent?: Uint8Array|null;
              name?: Uint8Array|null;
              attributes?: peervault.journal.Attributes.$Shape|null;
              content?: peervault.journal.Content.$Shape|null;
              target?: Uint8Array|null;
              over?: peervault.journal.Replaced.$Shape|null;
              $unknowns?: Uint8Array[];
            };
        }
        interface IWrite extends peervault.journal.Write.$Properties {
        }
        class Write {
            constructor(properties?: peervault.journal.Write.$Properties);
            $unknowns?: Uint8Array[];
            node: Uint8Array;
            supersedes: peervault.journal.OpRef.$Properties[];
            content?: (peervault.journal.Content.$Properties|null);
            attributes?: (peervault.journal.Attributes.$Properties|null);
            replaces: peervault.journal.OpRef.$Properties[];
            static encode(message: peervault.journal.Write.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.journal.Write & peervault.journal.Write.$Shape;
        }

        namespace Write {
            interface $Properties {
                node?: (Uint8Array|null);
                supersedes?: (peervault.journal.OpRef.$Properties[]|null);
                content?: (peervault.journal.Content.$Properties|null);
                attributes?: (peervault.journal.Attributes.$Properties|null);
                replaces?: (peervault.journal.OpRef.$Properties[]|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = {
              node?: Uint8Array|null;
              supersedes?: peervault.journal.OpRef.$Shape[]|null;
              content?: peervault.journal.Content.$Shape|null;
              attributes?: peervault.journal.Attributes.$Shape|null;
              replaces?: peervault.journal.OpRef.$Shape[]|null;
              $unknowns?: Uint8Array[];
            };
        }
        interface ISetAttributes extends peervault.journal.SetAttributes.$Properties {
        }
        class SetAttributes {
            constructor(properties?: peervault.journal.SetAttributes.$Properties);
            $unknowns?: Uint8Array[];
            node: Uint8Array;
            replaces: peervault.journal.OpRef.$Properties[];
            attributes?: (peervault.journal.Attributes.$Properties|null);
            static encode(message: peervault.journal.SetAttributes.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.journal.SetAttributes & peervault.journal.SetAttributes.$Shape;
        }

        namespace SetAttributes {
            interface $Properties {
                node?: (Uint8Array|null);
                replaces?: (peervault.journal.OpRef.$Properties[]|null);
                attributes?: (peervault.journal.Attributes.$Properties|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.journal.SetAttributes.$Properties;
        }
        interface ILink extends peervault.journal.Link.$Properties {
        }
        class Link {
            constructor(properties?: peervault.journal.Link.$Properties);
            $unknowns?: Uint8Array[];
            entry: Uint8Array;
            parent: Uint8Array;
            name: Uint8Array;
            node: Uint8Array;
            over?: (peervault.journal.Replaced.$Properties|null);
            static encode(message: peervault.journal.Link.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.journal.Link & peervault.journal.Link.$Shape;
        }

        namespace Link {
            interface $Properties {
                entry?: (Uint8Array|null);
                parent?: (Uint8Array|null);
                name?: (Uint8Array|null);
                node?: (Uint8Array|null);
                over?: (peervault.journal.Replaced.$Properties|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.journal.Link.$Properties;
        }
        interface IMove extends peervault.journal.Move.$Properties {
        }
        class Move {
            constructor(properties?: peervault.journal.Move.$Properties);
            $unknowns?: Uint8Array[];
            entry: Uint8Array;
            node: Uint8Array;
            parent: Uint8Array;
            name: Uint8Array;
            replaces: peervault.journal.OpRef.$Properties[];
            over?: (peervault.journal.Replaced.$Properties|null);
            static encode(message: peervault.journal.Move.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.journal.Move & peervault.journal.Move.$Shape;
        }

        namespace Move {
            interface $Properties {
                entry?: (Uint8Array|null);
                node?: (Uint8Array|null);
                parent?: (Uint8Array|null);
                name?: (Uint8Array|null);
                replaces?: (peervault.journal.OpRef.$Properties[]|null);
                over?: (peervault.journal.Replaced.$Properties|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.journal.Move.$Properties;
        }
        interface IUnlink extends peervault.journal.Unlink.$Properties {
        }
        class Unlink {
            constructor(properties?: peervault.journal.Unlink.$Properties);
            $unknowns?: Uint8Array[];
            entry: Uint8Array;
            node: Uint8Array;
            heads: peervault.journal.OpRef.$Properties[];
            static encode(message: peervault.journal.Unlink.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.journal.Unlink & peervault.journal.Unlink.$Shape;
        }

        namespace Unlink {
            interface $Properties {
                entry?: (Uint8Array|null);
                node?: (Uint8Array|null);
                heads?: (peervault.journal.OpRef.$Properties[]|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.journal.Unlink.$Properties;
        }
        interface IRemoveDirectory extends peervault.journal.RemoveDirectory.$Properties {
        }
        class RemoveDirectory {
            constructor(properties?: peervault.journal.RemoveDirectory.$Properties);
            $unknowns?: Uint8Array[];
            node: Uint8Array;
            replaces: peervault.journal.OpRef.$Properties[];
            static encode(message: peervault.journal.RemoveDirectory.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.journal.RemoveDirectory & peervault.journal.RemoveDirectory.$Shape;
        }

        namespace RemoveDirectory {
            interface $Properties {
                node?: (Uint8Array|null);
                replaces?: (peervault.journal.OpRef.$Properties[]|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.journal.RemoveDirectory.$Properties;
        }
        interface IReplaced extends peervault.journal.Replaced.$Properties {
        }
        class Replaced {
            constructor(properties?: peervault.journal.Replaced.$Properties);
            $unknowns?: Uint8Array[];
            entry: Uint8Array;
            node: Uint8Array;
            heads: peervault.journal.OpRef.$Properties[];
            static encode(message: peervault.journal.Replaced.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.journal.Replaced & peervault.journal.Replaced.$Shape;
        }

        namespace Replaced {
            interface $Properties {
                entry?: (Uint8Array|null);
                node?: (Uint8Array|null);
                heads?: (peervault.journal.OpRef.$Properties[]|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.journal.Replaced.$Properties;
        }
        interface IAttributes extends peervault.journal.Attributes.$Properties {
        }
        class Attributes {
            constructor(properties?: peervault.journal.Attributes.$Properties);
            $unknowns?: Uint8Array[];
            mode?: (number|null);
            mtimeS?: (number|null);
            mtimeNs?: (number|null);
            xattrs: peervault.journal.ExtendedAttribute.$Properties[];
            static encode(message: peervault.journal.Attributes.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.journal.Attributes & peervault.journal.Attributes.$Shape;
        }

        namespace Attributes {
            interface $Properties {
                mode?: (number|null);
                mtimeS?: (number|null);
                mtimeNs?: (number|null);
                xattrs?: (peervault.journal.ExtendedAttribute.$Properties[]|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.journal.Attributes.$Properties;
        }
        interface IExtendedAttribute extends peervault.journal.ExtendedAttribute.$Properties {
        }
        class ExtendedAttribute {
            constructor(properties?: peervault.journal.ExtendedAttribute.$Properties);
            $unknowns?: Uint8Array[];
            name: Uint8Array;
            value?: (Uint8Array|null);
            static encode(message: peervault.journal.ExtendedAttribute.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.journal.ExtendedAttribute & peervault.journal.ExtendedAttribute.$Shape;
        }

        namespace ExtendedAttribute {
            interface $Properties {
                name?: (Uint8Array|null);
                value?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.journal.ExtendedAttribute.$Properties;
        }
        interface IContent extends peervault.journal.Content.$Properties {
        }
        class Content {
            constructor(properties?: peervault.journal.Content.$Properties);
            $unknowns?: Uint8Array[];
            size: number;
            small?: (peervault.journal.SmallRef.$Properties|null);
            chunk?: (peervault.journal.ChunkRef.$Properties|null);
            manifest?: (peervault.journal.ChunkRef.$Properties|null);
            where?: ("small"|"chunk"|"manifest");
            static encode(message: peervault.journal.Content.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.journal.Content & peervault.journal.Content.$Shape;
        }

        namespace Content {
            interface $Properties {
                size?: (number|null);
                small?: (peervault.journal.SmallRef.$Properties|null);
                chunk?: (peervault.journal.ChunkRef.$Properties|null);
                manifest?: (peervault.journal.ChunkRef.$Properties|null);
                where?: ("small"|"chunk"|"manifest");
                $unknowns?: Uint8Array[];
            }
            type $Shape = {
              size?: number|null;
              small?: peervault.journal.SmallRef.$Shape|null;
              chunk?: peervault.journal.ChunkRef.$Shape|null;
              manifest?: peervault.journal.ChunkRef.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ where?: undefined; small?: null; chunk?: null; manifest?: null }|{ where?: "small"; small: peervault.journal.SmallRef.$Shape; chunk?: null; manifest?: null }|{ where?: "chunk"; small?: null; chunk: peervault.journal.ChunkRef.$Shape; manifest?: null }|{ where?: "manifest"; small?: null; chunk?: null; manifest: peervault.journal.ChunkRef.$Shape })
            );
        }
        interface ISmallRef extends peervault.journal.SmallRef.$Properties {
        }
        class SmallRef {
            constructor(properties?: peervault.journal.SmallRef.$Properties);
            $unknowns?: Uint8Array[];
            record: Uint8Array;
            salt: Uint8Array;
            hash: Uint8Array;
            epoch: Uint8Array;
            static encode(message: peervault.journal.SmallRef.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.journal.SmallRef & peervault.journal.SmallRef.$Shape;
        }

        namespace SmallRef {
            interface $Properties {
                record?: (Uint8Array|null);
                salt?: (Uint8Array|null);
                hash?: (Uint8Array|null);
                epoch?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.journal.SmallRef.$Properties;
        }
        interface IChunkRef extends peervault.journal.ChunkRef.$Properties {
        }
        class ChunkRef {
            constructor(properties?: peervault.journal.ChunkRef.$Properties);
            $unknowns?: Uint8Array[];
            cid: Uint8Array;
            pid: Uint8Array;
            epoch: Uint8Array;
            format: number;
            plainLength: number;
            sealedLength: number;
            static encode(message: peervault.journal.ChunkRef.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.journal.ChunkRef & peervault.journal.ChunkRef.$Shape;
        }

        namespace ChunkRef {
            interface $Properties {
                cid?: (Uint8Array|null);
                pid?: (Uint8Array|null);
                epoch?: (Uint8Array|null);
                format?: (number|null);
                plainLength?: (number|null);
                sealedLength?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.journal.ChunkRef.$Properties;
        }
        interface ITakeSnapshot extends peervault.journal.TakeSnapshot.$Properties {
        }
        class TakeSnapshot {
            constructor(properties?: peervault.journal.TakeSnapshot.$Properties);
            $unknowns?: Uint8Array[];
            id: Uint8Array;
            name: string;
            vector: peervault.journal.Seen.$Properties[];
            static encode(message: peervault.journal.TakeSnapshot.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.journal.TakeSnapshot & peervault.journal.TakeSnapshot.$Shape;
        }

        namespace TakeSnapshot {
            interface $Properties {
                id?: (Uint8Array|null);
                name?: (string|null);
                vector?: (peervault.journal.Seen.$Properties[]|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.journal.TakeSnapshot.$Properties;
        }
        interface IDropSnapshot extends peervault.journal.DropSnapshot.$Properties {
        }
        class DropSnapshot {
            constructor(properties?: peervault.journal.DropSnapshot.$Properties);
            $unknowns?: Uint8Array[];
            id: Uint8Array;
            static encode(message: peervault.journal.DropSnapshot.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.journal.DropSnapshot & peervault.journal.DropSnapshot.$Shape;
        }

        namespace DropSnapshot {
            interface $Properties {
                id?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.journal.DropSnapshot.$Properties;
        }
        interface INote extends peervault.journal.Note.$Properties {
        }
        class Note {
            constructor(properties?: peervault.journal.Note.$Properties);
            $unknowns?: Uint8Array[];
            id: Uint8Array;
            about: Uint8Array;
            text: string;
            to: Uint8Array;
            sealed: peervault.journal.NoteSealing.$Properties[];
            static encode(message: peervault.journal.Note.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.journal.Note & peervault.journal.Note.$Shape;
        }

        namespace Note {
            interface $Properties {
                id?: (Uint8Array|null);
                about?: (Uint8Array|null);
                text?: (string|null);
                to?: (Uint8Array|null);
                sealed?: (peervault.journal.NoteSealing.$Properties[]|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.journal.Note.$Properties;
        }
        interface INoteSealing extends peervault.journal.NoteSealing.$Properties {
        }
        class NoteSealing {
            constructor(properties?: peervault.journal.NoteSealing.$Properties);
            $unknowns?: Uint8Array[];
            recipient: Uint8Array;
            encapsulated: Uint8Array;
            ciphertext: Uint8Array;
            static encode(message: peervault.journal.NoteSealing.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.journal.NoteSealing & peervault.journal.NoteSealing.$Shape;
        }

        namespace NoteSealing {
            interface $Properties {
                recipient?: (Uint8Array|null);
                encapsulated?: (Uint8Array|null);
                ciphertext?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.journal.NoteSealing.$Properties;
        }
    }
}
