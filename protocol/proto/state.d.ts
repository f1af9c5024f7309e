// Generated from state.proto by "npm run generate". Do not edit.
import * as $protobuf from "protobufjs/minimal.js";
import Long = require("long");

export namespace peervault {
    namespace state {
        interface IStatePage extends peervault.state.StatePage.$Properties {
        }
        class StatePage {
            constructor(properties?: peervault.state.StatePage.$Properties);
            $unknowns?: Uint8Array[];
            version: number;
            journals: Uint8Array[];
            epochs: Uint8Array[];
            items: Uint8Array[];
            static encode(message: peervault.state.StatePage.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.state.StatePage & peervault.state.StatePage.$Shape;
        }

        namespace StatePage {
            interface $Properties {
                version?: (number|null);
                journals?: (Uint8Array[]|null);
                epochs?: (Uint8Array[]|null);
                items?: (Uint8Array[]|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.state.StatePage.$Properties;
        }
        interface IStateItem extends peervault.state.StateItem.$Properties {
        }
        class StateItem {
            constructor(properties?: peervault.state.StateItem.$Properties);
            $unknowns?: Uint8Array[];
            head?: (peervault.state.StateHead.$Properties|null);
            journal?: (peervault.state.StateJournal.$Properties|null);
            counters?: (peervault.state.StateCounters.$Properties|null);
            snapshot?: (peervault.state.StateSnapshot.$Properties|null);
            dropped?: (peervault.state.StateDropped.$Properties|null);
            note?: (peervault.state.StateNote.$Properties|null);
            node?: (peervault.state.StateNode.$Properties|null);
            kind?: ("head"|"journal"|"counters"|"snapshot"|"dropped"|"note"|"node");
            static encode(message: peervault.state.StateItem.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.state.StateItem & peervault.state.StateItem.$Shape;
        }

        namespace StateItem {
            interface $Properties {
                head?: (peervault.state.StateHead.$Properties|null);
                journal?: (peervault.state.StateJournal.$Properties|null);
                counters?: (peervault.state.StateCounters.$Properties|null);
                snapshot?: (peervault.state.StateSnapshot.$Properties|null);
                dropped?: (peervault.state.StateDropped.$Properties|null);
                note?: (peervault.state.StateNote.$Properties|null);
                node?: (peervault.state.StateNode.$Properties|null);
                kind?: ("head"|"journal"|"counters"|"snapshot"|"dropped"|"note"|"node");
                $unknowns?: Uint8Array[];
            }
            type $Shape = {
              head?: peervault.state.StateHead.$Shape|null;
              journal?: peervault.state.StateJournal.$Shape|null;
              counters?: peervault.state.StateCounters.$Shape|null;
              snapshot?: peervault.state.StateSnapshot.$Shape|null;
              dropped?: peervault.state.StateDropped.$Shape|null;
              note?: peervault.state.StateNote.$Shape|null;
              node?: peervault.state.StateNode.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ kind?: undefined; head?: null; journal?: null; counters?: null; snapshot?: null; dropped?: null; note?: null; node?: null }|{ kind?: "head"; head: peervault.state.StateHead.$Shape; journal?: null; counters?: null; snapshot?: null; dropped?: null; note?: null; node?: null }|{ kind?: "journal"; head?: null; journal: peervault.state.StateJournal.$Shape; counters?: null; snapshot?: null; dropped?: null; note?: null; node?: null }|{ kind?: "counters"; head?: null; journal?: null; counters: peervault.state.StateCounters.$Shape; snapshot?: null; dropped?: null; note?: null; node?: null }|{ kind?: "snapshot"; head?: null; journal?: null; counters?: null; snapshot: peervault.state.StateSnapshot.$Shape; dropped?: null; note?: null; node?: null }|{ kind?: "dropped"; head?: null; journal?: null; counters?: null; snapshot?: null; dropped: peervault.state.StateDropped.$Shape; note?: null; node?: null }|{ kind?: "note"; head?: null; journal?: null; counters?: null; snapshot?: null; dropped?: null; note: peervault.state.StateNote.$Shape; node?: null }|{ kind?: "node"; head?: null; journal?: null; counters?: null; snapshot?: null; dropped?: null; note?: null; node: peervault.state.StateNode.$Shape })
            );
        }
        interface IStateHead extends peervault.state.StateHead.$Properties {
        }
        class StateHead {
            constructor(properties?: peervault.state.StateHead.$Properties);
            $unknowns?: Uint8Array[];
            rejected: number;
            static encode(message: peervault.state.StateHead.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.state.StateHead & peervault.state.StateHead.$Shape;
        }

        namespace StateHead {
            interface $Properties {
                rejected?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.state.StateHead.$Properties;
        }
        interface IStateJournal extends peervault.state.StateJournal.$Properties {
        }
        class StateJournal {
            constructor(properties?: peervault.state.StateJournal.$Properties);
            $unknowns?: Uint8Array[];
            journal: number;
            sequence: number;
            hash: Uint8Array;
            static encode(message: peervault.state.StateJournal.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.state.StateJournal & peervault.state.StateJournal.$Shape;
        }

        namespace StateJournal {
            interface $Properties {
                journal?: (number|null);
                sequence?: (number|null);
                hash?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.state.StateJournal.$Properties;
        }
        interface IStateCounters extends peervault.state.StateCounters.$Properties {
        }
        class StateCounters {
            constructor(properties?: peervault.state.StateCounters.$Properties);
            $unknowns?: Uint8Array[];
            journal: number;
            leaps: number[];
            lowered: peervault.state.StateLowered.$Properties[];
            static encode(message: peervault.state.StateCounters.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.state.StateCounters & peervault.state.StateCounters.$Shape;
        }

        namespace StateCounters {
            interface $Properties {
                journal?: (number|null);
                leaps?: (number[]|null);
                lowered?: (peervault.state.StateLowered.$Properties[]|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.state.StateCounters.$Properties;
        }
        interface IStateLowered extends peervault.state.StateLowered.$Properties {
        }
        class StateLowered {
            constructor(properties?: peervault.state.StateLowered.$Properties);
            $unknowns?: Uint8Array[];
            sequence: number;
            lamport: number;
            seen: peervault.state.StateSeen.$Properties[];
            static encode(message: peervault.state.StateLowered.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.state.StateLowered & peervault.state.StateLowered.$Shape;
        }

        namespace StateLowered {
            interface $Properties {
                sequence?: (number|null);
                lamport?: (number|null);
                seen?: (peervault.state.StateSeen.$Properties[]|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.state.StateLowered.$Properties;
        }
        interface IStateSeen extends peervault.state.StateSeen.$Properties {
        }
        class StateSeen {
            constructor(properties?: peervault.state.StateSeen.$Properties);
            $unknowns?: Uint8Array[];
            journal: number;
            sequence: number;
            static encode(message: peervault.state.StateSeen.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.state.StateSeen & peervault.state.StateSeen.$Shape;
        }

        namespace StateSeen {
            interface $Properties {
                journal?: (number|null);
                sequence?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.state.StateSeen.$Properties;
        }
        interface IStateSnapshot extends peervault.state.StateSnapshot.$Properties {
        }
        class StateSnapshot {
            constructor(properties?: peervault.state.StateSnapshot.$Properties);
            $unknowns?: Uint8Array[];
            id: Uint8Array;
            name: string;
            vector: peervault.state.StateSeen.$Properties[];
            op?: (peervault.state.StateOpId.$Properties|null);
            stamp?: (peervault.state.StateStamp.$Properties|null);
            static encode(message: peervault.state.StateSnapshot.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.state.StateSnapshot & peervault.state.StateSnapshot.$Shape;
        }

        namespace StateSnapshot {
            interface $Properties {
                id?: (Uint8Array|null);
                name?: (string|null);
                vector?: (peervault.state.StateSeen.$Properties[]|null);
                op?: (peervault.state.StateOpId.$Properties|null);
                stamp?: (peervault.state.StateStamp.$Properties|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.state.StateSnapshot.$Properties;
        }
        interface IStateDropped extends peervault.state.StateDropped.$Properties {
        }
        class StateDropped {
            constructor(properties?: peervault.state.StateDropped.$Properties);
            $unknowns?: Uint8Array[];
            ids: Uint8Array[];
            static encode(message: peervault.state.StateDropped.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.state.StateDropped & peervault.state.StateDropped.$Shape;
        }

        namespace StateDropped {
            interface $Properties {
                ids?: (Uint8Array[]|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.state.StateDropped.$Properties;
        }
        interface IStateNote extends peervault.state.StateNote.$Properties {
        }
        class StateNote {
            constructor(properties?: peervault.state.StateNote.$Properties);
            $unknowns?: Uint8Array[];
            op?: (peervault.state.StateOpId.$Properties|null);
            stamp?: (peervault.state.StateStamp.$Properties|null);
            note?: (peervault.state.StateNoteOp.$Properties|null);
            static encode(message: peervault.state.StateNote.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.state.StateNote & peervault.state.StateNote.$Shape;
        }

        namespace StateNote {
            interface $Properties {
                op?: (peervault.state.StateOpId.$Properties|null);
                stamp?: (peervault.state.StateStamp.$Properties|null);
                note?: (peervault.state.StateNoteOp.$Properties|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.state.StateNote.$Properties;
        }
        interface IStateNoteOp extends peervault.state.StateNoteOp.$Properties {
        }
        class StateNoteOp {
            constructor(properties?: peervault.state.StateNoteOp.$Properties);
            $unknowns?: Uint8Array[];
            id: Uint8Array;
            about: Uint8Array;
            text: string;
            to: Uint8Array;
            sealed: peervault.state.StateNoteSealing.$Properties[];
            static encode(message: peervault.state.StateNoteOp.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.state.StateNoteOp & peervault.state.StateNoteOp.$Shape;
        }

        namespace StateNoteOp {
            interface $Properties {
                id?: (Uint8Array|null);
                about?: (Uint8Array|null);
                text?: (string|null);
                to?: (Uint8Array|null);
                sealed?: (peervault.state.StateNoteSealing.$Properties[]|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.state.StateNoteOp.$Properties;
        }
        interface IStateNoteSealing extends peervault.state.StateNoteSealing.$Properties {
        }
        class StateNoteSealing {
            constructor(properties?: peervault.state.StateNoteSealing.$Properties);
            $unknowns?: Uint8Array[];
            recipient: Uint8Array;
            encapsulated: Uint8Array;
            ciphertext: Uint8Array;
            static encode(message: peervault.state.StateNoteSealing.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.state.StateNoteSealing & peervault.state.StateNoteSealing.$Shape;
        }

        namespace StateNoteSealing {
            interface $Properties {
                recipient?: (Uint8Array|null);
                encapsulated?: (Uint8Array|null);
                ciphertext?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.state.StateNoteSealing.$Properties;
        }
        interface IStateOpId extends peervault.state.StateOpId.$Properties {
        }
        class StateOpId {
            constructor(properties?: peervault.state.StateOpId.$Properties);
            $unknowns?: Uint8Array[];
            journal: number;
            sequence: number;
            index: number;
            static encode(message: peervault.state.StateOpId.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.state.StateOpId & peervault.state.StateOpId.$Shape;
        }

        namespace StateOpId {
            interface $Properties {
                journal?: (number|null);
                sequence?: (number|null);
                index?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.state.StateOpId.$Properties;
        }
        interface IStateStamp extends peervault.state.StateStamp.$Properties {
        }
        class StateStamp {
            constructor(properties?: peervault.state.StateStamp.$Properties);
            $unknowns?: Uint8Array[];
            wallMs: number;
            counter: number;
            static encode(message: peervault.state.StateStamp.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.state.StateStamp & peervault.state.StateStamp.$Shape;
        }

        namespace StateStamp {
            interface $Properties {
                wallMs?: (number|null);
                counter?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.state.StateStamp.$Properties;
        }
        enum StateNodeKind {
            STATE_UNKNOWN = 0,
            STATE_FILE = 1,
            STATE_DIRECTORY = 2,
            STATE_SYMLINK = 3,
            STATE_VOID = 4
        }
        interface IStateNode extends peervault.state.StateNode.$Properties {
        }
        class StateNode {
            constructor(properties?: peervault.state.StateNode.$Properties);
            $unknowns?: Uint8Array[];
            node: Uint8Array;
            kind: peervault.state.StateNodeKind;
            isDirectory: boolean;
            lineage: Uint8Array;
            hasKin: boolean;
            target?: (peervault.state.StateTarget.$Properties|null);
            ops: peervault.state.StateOp.$Properties[];
            entries: peervault.state.StateEntry.$Properties[];
            waiting: peervault.state.StateWaiting.$Properties[];
            buried: peervault.state.StateOpId.$Properties[];
            superseded: peervault.state.StateOpId.$Properties[];
            covered: peervault.state.StateOpId.$Properties[];
            outdated: peervault.state.StateOutdated.$Properties[];
            static encode(message: peervault.state.StateNode.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.state.StateNode & peervault.state.StateNode.$Shape;
        }

        namespace StateNode {
            interface $Properties {
                node?: (Uint8Array|null);
                kind?: (peervault.state.StateNodeKind|null);
                isDirectory?: (boolean|null);
                lineage?: (Uint8Array|null);
                hasKin?: (boolean|null);
                target?: (peervault.state.StateTarget.$Properties|null);
                ops?: (peervault.state.StateOp.$Properties[]|null);
                entries?: (peervault.state.StateEntry.$Properties[]|null);
                waiting?: (peervault.state.StateWaiting.$Properties[]|null);
                buried?: (peervault.state.StateOpId.$Properties[]|null);
                superseded?: (peervault.state.StateOpId.$Properties[]|null);
                covered?: (peervault.state.StateOpId.$Properties[]|null);
                outdated?: (peervault.state.StateOutdated.$Properties[]|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = {
              node?: Uint8Array|null;
              kind?: peervault.state.StateNodeKind|null;
              isDirectory?: boolean|null;
              lineage?: Uint8Array|null;
              hasKin?: boolean|null;
              target?: peervault.state.StateTarget.$Shape|null;
              ops?: peervault.state.StateOp.$Shape[]|null;
              entries?: peervault.state.StateEntry.$Shape[]|null;
              waiting?: peervault.state.StateWaiting.$Shape[]|null;
              buried?: peervault.state.StateOpId.$Shape[]|null;
              superseded?: peervault.state.StateOpId.$Shape[]|null;
              covered?: peervault.state.StateOpId.$Shape[]|null;
              outdated?: peervault.state.StateOutdated.$Shape[]|null;
              $unknowns?: Uint8Array[];
            };
        }
        interface IStateOp extends peervault.state.StateOp.$Properties {
        }
        class StateOp {
            constructor(properties?: peervault.state.StateOp.$Properties);
            $unknowns?: Uint8Array[];
            op?: (peervault.state.StateOpId.$Properties|null);
            stamp?: (peervault.state.StateStamp.$Properties|null);
            place?: (peervault.state.StatePlace.$Properties|null);
            attributes?: (peervault.state.StateAttributes.$Properties|null);
            content?: (peervault.state.StateContent.$Properties|null);
            own?: (peervault.state.StateAttributes.$Properties|null);
            isSign: boolean;
            static encode(message: peervault.state.StateOp.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.state.StateOp & peervault.state.StateOp.$Shape;
        }

        namespace StateOp {
            interface $Properties {
                op?: (peervault.state.StateOpId.$Properties|null);
                stamp?: (peervault.state.StateStamp.$Properties|null);
                place?: (peervault.state.StatePlace.$Properties|null);
                attributes?: (peervault.state.StateAttributes.$Properties|null);
                content?: (peervault.state.StateContent.$Properties|null);
                own?: (peervault.state.StateAttributes.$Properties|null);
                isSign?: (boolean|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = {
              op?: peervault.state.StateOpId.$Shape|null;
              stamp?: peervault.state.StateStamp.$Shape|null;
              place?: peervault.state.StatePlace.$Shape|null;
              attributes?: peervault.state.StateAttributes.$Shape|null;
              content?: peervault.state.StateContent.$Shape|null;
              own?: peervault.state.StateAttributes.$Shape|null;
              isSign?: boolean|null;
              $unknowns?: Uint8Array[];
            };
        }
        interface IStatePlace extends peervault.state.StatePlace.$Properties {
        }
        class StatePlace {
            constructor(properties?: peervault.state.StatePlace.$Properties);
            $unknowns?: Uint8Array[];
            entry: Uint8Array;
            parent: Uint8Array;
            name: Uint8Array;
            isMove: boolean;
            static encode(message: peervault.state.StatePlace.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.state.StatePlace & peervault.state.StatePlace.$Shape;
        }

        namespace StatePlace {
            interface $Properties {
                entry?: (Uint8Array|null);
                parent?: (Uint8Array|null);
                name?: (Uint8Array|null);
                isMove?: (boolean|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.state.StatePlace.$Properties;
        }
        interface IStateEntry extends peervault.state.StateEntry.$Properties {
        }
        class StateEntry {
            constructor(properties?: peervault.state.StateEntry.$Properties);
            $unknowns?: Uint8Array[];
            entry: Uint8Array;
            deletedBy?: (peervault.state.StateOpId.$Properties|null);
            deleted?: (peervault.state.StateStamp.$Properties|null);
            replaced: peervault.state.StateOpId.$Properties[];
            static encode(message: peervault.state.StateEntry.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.state.StateEntry & peervault.state.StateEntry.$Shape;
        }

        namespace StateEntry {
            interface $Properties {
                entry?: (Uint8Array|null);
                deletedBy?: (peervault.state.StateOpId.$Properties|null);
                deleted?: (peervault.state.StateStamp.$Properties|null);
                replaced?: (peervault.state.StateOpId.$Properties[]|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.state.StateEntry.$Properties;
        }
        enum StatePositionKind {
            STATE_POSITION_UNKNOWN = 0,
            STATE_MAKE = 1,
            STATE_LINK = 2,
            STATE_MOVE = 3
        }
        interface IStateWaiting extends peervault.state.StateWaiting.$Properties {
        }
        class StateWaiting {
            constructor(properties?: peervault.state.StateWaiting.$Properties);
            $unknowns?: Uint8Array[];
            op?: (peervault.state.StateOpId.$Properties|null);
            stamp?: (peervault.state.StateStamp.$Properties|null);
            place?: (peervault.state.StatePlace.$Properties|null);
            by: peervault.state.StatePositionKind;
            replaces: peervault.state.StateOpId.$Properties[];
            static encode(message: peervault.state.StateWaiting.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.state.StateWaiting & peervault.state.StateWaiting.$Shape;
        }

        namespace StateWaiting {
            interface $Properties {
                op?: (peervault.state.StateOpId.$Properties|null);
                stamp?: (peervault.state.StateStamp.$Properties|null);
                place?: (peervault.state.StatePlace.$Properties|null);
                by?: (peervault.state.StatePositionKind|null);
                replaces?: (peervault.state.StateOpId.$Properties[]|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.state.StateWaiting.$Properties;
        }
        interface IStateTarget extends peervault.state.StateTarget.$Properties {
        }
        class StateTarget {
            constructor(properties?: peervault.state.StateTarget.$Properties);
            $unknowns?: Uint8Array[];
            value: Uint8Array;
            by?: (peervault.state.StateOpId.$Properties|null);
            static encode(message: peervault.state.StateTarget.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.state.StateTarget & peervault.state.StateTarget.$Shape;
        }

        namespace StateTarget {
            interface $Properties {
                value?: (Uint8Array|null);
                by?: (peervault.state.StateOpId.$Properties|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.state.StateTarget.$Properties;
        }
        interface IStateOutdated extends peervault.state.StateOutdated.$Properties {
        }
        class StateOutdated {
            constructor(properties?: peervault.state.StateOutdated.$Properties);
            $unknowns?: Uint8Array[];
            op?: (peervault.state.StateOpId.$Properties|null);
            mode: boolean;
            mtime: boolean;
            xattrs: Uint8Array[];
            static encode(message: peervault.state.StateOutdated.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.state.StateOutdated & peervault.state.StateOutdated.$Shape;
        }

        namespace StateOutdated {
            interface $Properties {
                op?: (peervault.state.StateOpId.$Properties|null);
                mode?: (boolean|null);
                mtime?: (boolean|null);
                xattrs?: (Uint8Array[]|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.state.StateOutdated.$Properties;
        }
        interface IStateAttributes extends peervault.state.StateAttributes.$Properties {
        }
        class StateAttributes {
            constructor(properties?: peervault.state.StateAttributes.$Properties);
            $unknowns?: Uint8Array[];
            mode?: (number|null);
            mtimeS?: (number|null);
            mtimeNs?: (number|null);
            xattrs: peervault.state.StateExtendedAttribute.$Properties[];
            static encode(message: peervault.state.StateAttributes.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.state.StateAttributes & peervault.state.StateAttributes.$Shape;
        }

        namespace StateAttributes {
            interface $Properties {
                mode?: (number|null);
                mtimeS?: (number|null);
                mtimeNs?: (number|null);
                xattrs?: (peervault.state.StateExtendedAttribute.$Properties[]|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.state.StateAttributes.$Properties;
        }
        interface IStateExtendedAttribute extends peervault.state.StateExtendedAttribute.$Properties {
        }
        class StateExtendedAttribute {
            constructor(properties?: peervault.state.StateExtendedAttribute.$Properties);
            $unknowns?: Uint8Array[];
            name: Uint8Array;
            value?: (Uint8Array|null);
            static encode(message: peervault.state.StateExtendedAttribute.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.state.StateExtendedAttribute & peervault.state.StateExtendedAttribute.$Shape;
        }

        namespace StateExtendedAttribute {
            interface $Properties {
                name?: (Uint8Array|null);
                value?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.state.StateExtendedAttribute.$Properties;
        }
        interface IStateContent extends peervault.state.StateContent.$Properties {
        }
        class StateContent {
            constructor(properties?: peervault.state.StateContent.$Properties);
            $unknowns?: Uint8Array[];
            size: number;
            small?: (peervault.state.StateSmall.$Properties|null);
            chunk?: (peervault.state.StateChunk.$Properties|null);
            manifest?: (peervault.state.StateChunk.$Properties|null);
            where?: ("small"|"chunk"|"manifest");
            static encode(message: peervault.state.StateContent.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.state.StateContent & peervault.state.StateContent.$Shape;
        }

        namespace StateContent {
            interface $Properties {
                size?: (number|null);
                small?: (peervault.state.StateSmall.$Properties|null);
                chunk?: (peervault.state.StateChunk.$Properties|null);
                manifest?: (peervault.state.StateChunk.$Properties|null);
                where?: ("small"|"chunk"|"manifest");
                $unknowns?: Uint8Array[];
            }
            type $Shape = {
              size?: number|null;
              small?: peervault.state.StateSmall.$Shape|null;
              chunk?: peervault.state.StateChunk.$Shape|null;
              manifest?: peervault.state.StateChunk.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ where?: undefined; small?: null; chunk?: null; manifest?: null }|{ where?: "small"; small: peervault.state.StateSmall.$Shape; chunk?: null; manifest?: null }|{ where?: "chunk"; small?: null; chunk: peervault.state.StateChunk.$Shape; manifest?: null }|{ where?: "manifest"; small?: null; chunk?: null; manifest: peervault.state.StateChunk.$Shape })
            );
        }
        interface IStateSmall extends peervault.state.StateSmall.$Properties {
        }
        class StateSmall {
            constructor(properties?: peervault.state.StateSmall.$Properties);
            $unknowns?: Uint8Array[];
            record: Uint8Array;
            salt: Uint8Array;
            hash: Uint8Array;
            epoch: number;
            static encode(message: peervault.state.StateSmall.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.state.StateSmall & peervault.state.StateSmall.$Shape;
        }

        namespace StateSmall {
            interface $Properties {
                record?: (Uint8Array|null);
                salt?: (Uint8Array|null);
                hash?: (Uint8Array|null);
                epoch?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.state.StateSmall.$Properties;
        }
        interface IStateChunk extends peervault.state.StateChunk.$Properties {
        }
        class StateChunk {
            constructor(properties?: peervault.state.StateChunk.$Properties);
            $unknowns?: Uint8Array[];
            cid: Uint8Array;
            pid: Uint8Array;
            epoch: number;
            format: number;
            plainLength: number;
            sealedLength: number;
            static encode(message: peervault.state.StateChunk.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.state.StateChunk & peervault.state.StateChunk.$Shape;
        }

        namespace StateChunk {
            interface $Properties {
                cid?: (Uint8Array|null);
                pid?: (Uint8Array|null);
                epoch?: (number|null);
                format?: (number|null);
                plainLength?: (number|null);
                sealedLength?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.state.StateChunk.$Properties;
        }
    }
}
