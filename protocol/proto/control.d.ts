// Generated from control.proto by "npm run generate". Do not edit.
import * as $protobuf from "protobufjs/minimal.js";
import Long = require("long");

export namespace peervault {
    namespace control {
        interface IEmpty extends peervault.control.Empty.$Properties {
        }
        class Empty {
            constructor(properties?: peervault.control.Empty.$Properties);
            $unknowns?: Uint8Array[];
            static encode(message: peervault.control.Empty.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.Empty & peervault.control.Empty.$Shape;
        }

        namespace Empty {
            interface $Properties {
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.Empty.$Properties;
        }
        interface IPathRequest extends peervault.control.PathRequest.$Properties {
        }
        class PathRequest {
            constructor(properties?: peervault.control.PathRequest.$Properties);
            $unknowns?: Uint8Array[];
            path: Uint8Array;
            version: string;
            at?: (peervault.control.Moment.$Properties|null);
            static encode(message: peervault.control.PathRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.PathRequest & peervault.control.PathRequest.$Shape;
        }

        namespace PathRequest {
            interface $Properties {
                path?: (Uint8Array|null);
                version?: (string|null);
                at?: (peervault.control.Moment.$Properties|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = {
              path?: Uint8Array|null;
              version?: string|null;
              at?: peervault.control.Moment.$Shape|null;
              $unknowns?: Uint8Array[];
            };
        }
        interface IReport extends peervault.control.Report.$Properties {
        }
        class Report {
            constructor(properties?: peervault.control.Report.$Properties);
            $unknowns?: Uint8Array[];
            json: Uint8Array;
            static encode(message: peervault.control.Report.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.Report & peervault.control.Report.$Shape;
        }

        namespace Report {
            interface $Properties {
                json?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.Report.$Properties;
        }
        interface IEntry extends peervault.control.Entry.$Properties {
        }
        class Entry {
            constructor(properties?: peervault.control.Entry.$Properties);
            $unknowns?: Uint8Array[];
            path: Uint8Array;
            kind: number;
            size: number;
            mode: number;
            mtimeS: number;
            mtimeNs: number;
            target: Uint8Array;
            version: string;
            state: number;
            author: string;
            node: number;
            links: number;
            deviceId: string;
            chunks: number;
            chunksHere: number;
            static encode(message: peervault.control.Entry.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.Entry & peervault.control.Entry.$Shape;
        }

        namespace Entry {
            interface $Properties {
                path?: (Uint8Array|null);
                kind?: (number|null);
                size?: (number|null);
                mode?: (number|null);
                mtimeS?: (number|null);
                mtimeNs?: (number|null);
                target?: (Uint8Array|null);
                version?: (string|null);
                state?: (number|null);
                author?: (string|null);
                node?: (number|null);
                links?: (number|null);
                deviceId?: (string|null);
                chunks?: (number|null);
                chunksHere?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.Entry.$Properties;
        }
        interface IListRequest extends peervault.control.ListRequest.$Properties {
        }
        class ListRequest {
            constructor(properties?: peervault.control.ListRequest.$Properties);
            $unknowns?: Uint8Array[];
            path: Uint8Array;
            recursive: boolean;
            depthMax: number;
            namesOnly: boolean;
            at?: (peervault.control.Moment.$Properties|null);
            static encode(message: peervault.control.ListRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.ListRequest & peervault.control.ListRequest.$Shape;
        }

        namespace ListRequest {
            interface $Properties {
                path?: (Uint8Array|null);
                recursive?: (boolean|null);
                depthMax?: (number|null);
                namesOnly?: (boolean|null);
                at?: (peervault.control.Moment.$Properties|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = {
              path?: Uint8Array|null;
              recursive?: boolean|null;
              depthMax?: number|null;
              namesOnly?: boolean|null;
              at?: peervault.control.Moment.$Shape|null;
              $unknowns?: Uint8Array[];
            };
        }
        interface IListPage extends peervault.control.ListPage.$Properties {
        }
        class ListPage {
            constructor(properties?: peervault.control.ListPage.$Properties);
            $unknowns?: Uint8Array[];
            entries: peervault.control.Entry.$Properties[];
            names?: (peervault.control.ListNames.$Properties|null);
            static encode(message: peervault.control.ListPage.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.ListPage & peervault.control.ListPage.$Shape;
        }

        namespace ListPage {
            interface $Properties {
                entries?: (peervault.control.Entry.$Properties[]|null);
                names?: (peervault.control.ListNames.$Properties|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.ListPage.$Properties;
        }
        interface IListNames extends peervault.control.ListNames.$Properties {
        }
        class ListNames {
            constructor(properties?: peervault.control.ListNames.$Properties);
            $unknowns?: Uint8Array[];
            paths: Uint8Array;
            kinds: Uint8Array;
            static encode(message: peervault.control.ListNames.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.ListNames & peervault.control.ListNames.$Shape;
        }

        namespace ListNames {
            interface $Properties {
                paths?: (Uint8Array|null);
                kinds?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.ListNames.$Properties;
        }
        interface IPutRequest extends peervault.control.PutRequest.$Properties {
        }
        class PutRequest {
            constructor(properties?: peervault.control.PutRequest.$Properties);
            $unknowns?: Uint8Array[];
            destination: Uint8Array;
            parents: boolean;
            into: boolean;
            checksum: boolean;
            resolves: string[];
            dryRun: boolean;
            bootId: Uint8Array;
            static encode(message: peervault.control.PutRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.PutRequest & peervault.control.PutRequest.$Shape;
        }

        namespace PutRequest {
            interface $Properties {
                destination?: (Uint8Array|null);
                parents?: (boolean|null);
                into?: (boolean|null);
                checksum?: (boolean|null);
                resolves?: (string[]|null);
                dryRun?: (boolean|null);
                bootId?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.PutRequest.$Properties;
        }
        interface IPutUp extends peervault.control.PutUp.$Properties {
        }
        class PutUp {
            constructor(properties?: peervault.control.PutUp.$Properties);
            $unknowns?: Uint8Array[];
            offer?: (peervault.control.PutOffer.$Properties|null);
            body?: (peervault.control.PutBody.$Properties|null);
            bodyEnd?: (peervault.control.PutBodyEnd.$Properties|null);
            bodies?: (peervault.control.PutBodies.$Properties|null);
            kind?: ("offer"|"body"|"bodyEnd"|"bodies");
            static encode(message: peervault.control.PutUp.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.PutUp & peervault.control.PutUp.$Shape;
        }

        namespace PutUp {
            interface $Properties {
                offer?: (peervault.control.PutOffer.$Properties|null);
                body?: (peervault.control.PutBody.$Properties|null);
                bodyEnd?: (peervault.control.PutBodyEnd.$Properties|null);
                bodies?: (peervault.control.PutBodies.$Properties|null);
                kind?: ("offer"|"body"|"bodyEnd"|"bodies");
                $unknowns?: Uint8Array[];
            }
            type $Shape = {
              offer?: peervault.control.PutOffer.$Shape|null;
              body?: peervault.control.PutBody.$Shape|null;
              bodyEnd?: peervault.control.PutBodyEnd.$Shape|null;
              bodies?: peervault.control.PutBodies.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ kind?: undefined; offer?: null; body?: null; bodyEnd?: null; bodies?: null }|{ kind?: "offer"; offer: peervault.control.PutOffer.$Shape; body?: null; bodyEnd?: null; bodies?: null }|{ kind?: "body"; offer?: null; body: peervault.control.PutBody.$Shape; bodyEnd?: null; bodies?: null }|{ kind?: "bodyEnd"; offer?: null; body?: null; bodyEnd: peervault.control.PutBodyEnd.$Shape; bodies?: null }|{ kind?: "bodies"; offer?: null; body?: null; bodyEnd?: null; bodies: peervault.control.PutBodies.$Shape })
            );
        }
        interface IPutOffer extends peervault.control.PutOffer.$Properties {
        }
        class PutOffer {
            constructor(properties?: peervault.control.PutOffer.$Properties);
            $unknowns?: Uint8Array[];
            items: peervault.control.PutItem.$Properties[];
            static encode(message: peervault.control.PutOffer.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.PutOffer & peervault.control.PutOffer.$Shape;
        }

        namespace PutOffer {
            interface $Properties {
                items?: (peervault.control.PutItem.$Properties[]|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.PutOffer.$Properties;
        }
        interface IPutItem extends peervault.control.PutItem.$Properties {
        }
        class PutItem {
            constructor(properties?: peervault.control.PutItem.$Properties);
            $unknowns?: Uint8Array[];
            path: Uint8Array;
            kind: number;
            size: number;
            mode: number;
            mtimeS: number;
            mtimeNs: number;
            target: Uint8Array;
            fingerprint: Uint8Array;
            sizeKnown: boolean;
            static encode(message: peervault.control.PutItem.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.PutItem & peervault.control.PutItem.$Shape;
        }

        namespace PutItem {
            interface $Properties {
                path?: (Uint8Array|null);
                kind?: (number|null);
                size?: (number|null);
                mode?: (number|null);
                mtimeS?: (number|null);
                mtimeNs?: (number|null);
                target?: (Uint8Array|null);
                fingerprint?: (Uint8Array|null);
                sizeKnown?: (boolean|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.PutItem.$Properties;
        }
        interface IPutBody extends peervault.control.PutBody.$Properties {
        }
        class PutBody {
            constructor(properties?: peervault.control.PutBody.$Properties);
            $unknowns?: Uint8Array[];
            item: number;
            localPath: Uint8Array;
            static encode(message: peervault.control.PutBody.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.PutBody & peervault.control.PutBody.$Shape;
        }

        namespace PutBody {
            interface $Properties {
                item?: (number|null);
                localPath?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.PutBody.$Properties;
        }
        interface IPutBodyEnd extends peervault.control.PutBodyEnd.$Properties {
        }
        class PutBodyEnd {
            constructor(properties?: peervault.control.PutBodyEnd.$Properties);
            $unknowns?: Uint8Array[];
            item: number;
            aborted: boolean;
            static encode(message: peervault.control.PutBodyEnd.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.PutBodyEnd & peervault.control.PutBodyEnd.$Shape;
        }

        namespace PutBodyEnd {
            interface $Properties {
                item?: (number|null);
                aborted?: (boolean|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.PutBodyEnd.$Properties;
        }
        interface IPutBodies extends peervault.control.PutBodies.$Properties {
        }
        class PutBodies {
            constructor(properties?: peervault.control.PutBodies.$Properties);
            $unknowns?: Uint8Array[];
            items: number[];
            lengths: number[];
            static encode(message: peervault.control.PutBodies.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.PutBodies & peervault.control.PutBodies.$Shape;
        }

        namespace PutBodies {
            interface $Properties {
                items?: (number[]|null);
                lengths?: (number[]|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.PutBodies.$Properties;
        }
        interface IPutDown extends peervault.control.PutDown.$Properties {
        }
        class PutDown {
            constructor(properties?: peervault.control.PutDown.$Properties);
            $unknowns?: Uint8Array[];
            need?: (peervault.control.PutNeed.$Properties|null);
            progress?: (peervault.control.PutProgress.$Properties|null);
            done?: (peervault.control.PutDone.$Properties|null);
            failed?: (peervault.control.PutFailed.$Properties|null);
            local?: (peervault.control.PutLocal.$Properties|null);
            kind?: ("need"|"progress"|"done"|"failed"|"local");
            static encode(message: peervault.control.PutDown.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.PutDown & peervault.control.PutDown.$Shape;
        }

        namespace PutDown {
            interface $Properties {
                need?: (peervault.control.PutNeed.$Properties|null);
                progress?: (peervault.control.PutProgress.$Properties|null);
                done?: (peervault.control.PutDone.$Properties|null);
                failed?: (peervault.control.PutFailed.$Properties|null);
                local?: (peervault.control.PutLocal.$Properties|null);
                kind?: ("need"|"progress"|"done"|"failed"|"local");
                $unknowns?: Uint8Array[];
            }
            type $Shape = {
              need?: peervault.control.PutNeed.$Shape|null;
              progress?: peervault.control.PutProgress.$Shape|null;
              done?: peervault.control.PutDone.$Shape|null;
              failed?: peervault.control.PutFailed.$Shape|null;
              local?: peervault.control.PutLocal.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ kind?: undefined; need?: null; progress?: null; done?: null; failed?: null; local?: null }|{ kind?: "need"; need: peervault.control.PutNeed.$Shape; progress?: null; done?: null; failed?: null; local?: null }|{ kind?: "progress"; need?: null; progress: peervault.control.PutProgress.$Shape; done?: null; failed?: null; local?: null }|{ kind?: "done"; need?: null; progress?: null; done: peervault.control.PutDone.$Shape; failed?: null; local?: null }|{ kind?: "failed"; need?: null; progress?: null; done?: null; failed: peervault.control.PutFailed.$Shape; local?: null }|{ kind?: "local"; need?: null; progress?: null; done?: null; failed?: null; local: peervault.control.PutLocal.$Shape })
            );
        }
        interface IPutNeed extends peervault.control.PutNeed.$Properties {
        }
        class PutNeed {
            constructor(properties?: peervault.control.PutNeed.$Properties);
            $unknowns?: Uint8Array[];
            bitmap: Uint8Array;
            bodies: boolean;
            localFiles: boolean;
            static encode(message: peervault.control.PutNeed.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.PutNeed & peervault.control.PutNeed.$Shape;
        }

        namespace PutNeed {
            interface $Properties {
                bitmap?: (Uint8Array|null);
                bodies?: (boolean|null);
                localFiles?: (boolean|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.PutNeed.$Properties;
        }
        interface IPutFailed extends peervault.control.PutFailed.$Properties {
        }
        class PutFailed {
            constructor(properties?: peervault.control.PutFailed.$Properties);
            $unknowns?: Uint8Array[];
            item: number;
            failure: Uint8Array;
            static encode(message: peervault.control.PutFailed.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.PutFailed & peervault.control.PutFailed.$Shape;
        }

        namespace PutFailed {
            interface $Properties {
                item?: (number|null);
                failure?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.PutFailed.$Properties;
        }
        interface IPutProgress extends peervault.control.PutProgress.$Properties {
        }
        class PutProgress {
            constructor(properties?: peervault.control.PutProgress.$Properties);
            $unknowns?: Uint8Array[];
            durableItems: number;
            durableBytes: number;
            readBytes: number;
            static encode(message: peervault.control.PutProgress.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.PutProgress & peervault.control.PutProgress.$Shape;
        }

        namespace PutProgress {
            interface $Properties {
                durableItems?: (number|null);
                durableBytes?: (number|null);
                readBytes?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.PutProgress.$Properties;
        }
        interface IPutLocal extends peervault.control.PutLocal.$Properties {
        }
        class PutLocal {
            constructor(properties?: peervault.control.PutLocal.$Properties);
            $unknowns?: Uint8Array[];
            item: number;
            send: boolean;
            failure: Uint8Array;
            static encode(message: peervault.control.PutLocal.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.PutLocal & peervault.control.PutLocal.$Shape;
        }

        namespace PutLocal {
            interface $Properties {
                item?: (number|null);
                send?: (boolean|null);
                failure?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.PutLocal.$Properties;
        }
        interface IPutDone extends peervault.control.PutDone.$Properties {
        }
        class PutDone {
            constructor(properties?: peervault.control.PutDone.$Properties);
            $unknowns?: Uint8Array[];
            files: number;
            directories: number;
            symlinks: number;
            skipped: number;
            bytes: number;
            storedBytes: number;
            chunksNew: number;
            chunksReused: number;
            version: string;
            static encode(message: peervault.control.PutDone.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.PutDone & peervault.control.PutDone.$Shape;
        }

        namespace PutDone {
            interface $Properties {
                files?: (number|null);
                directories?: (number|null);
                symlinks?: (number|null);
                skipped?: (number|null);
                bytes?: (number|null);
                storedBytes?: (number|null);
                chunksNew?: (number|null);
                chunksReused?: (number|null);
                version?: (string|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.PutDone.$Properties;
        }
        interface IGetRequest extends peervault.control.GetRequest.$Properties {
        }
        class GetRequest {
            constructor(properties?: peervault.control.GetRequest.$Properties);
            $unknowns?: Uint8Array[];
            path: Uint8Array;
            version: string;
            recursive: boolean;
            offset: number;
            length: number;
            bootId: Uint8Array;
            at?: (peervault.control.Moment.$Properties|null);
            static encode(message: peervault.control.GetRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.GetRequest & peervault.control.GetRequest.$Shape;
        }

        namespace GetRequest {
            interface $Properties {
                path?: (Uint8Array|null);
                version?: (string|null);
                recursive?: (boolean|null);
                offset?: (number|null);
                length?: (number|null);
                bootId?: (Uint8Array|null);
                at?: (peervault.control.Moment.$Properties|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = {
              path?: Uint8Array|null;
              version?: string|null;
              recursive?: boolean|null;
              offset?: number|null;
              length?: number|null;
              bootId?: Uint8Array|null;
              at?: peervault.control.Moment.$Shape|null;
              $unknowns?: Uint8Array[];
            };
        }
        interface IGetUp extends peervault.control.GetUp.$Properties {
        }
        class GetUp {
            constructor(properties?: peervault.control.GetUp.$Properties);
            $unknowns?: Uint8Array[];
            localPath: Uint8Array;
            fingerprint: Uint8Array;
            static encode(message: peervault.control.GetUp.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.GetUp & peervault.control.GetUp.$Shape;
        }

        namespace GetUp {
            interface $Properties {
                localPath?: (Uint8Array|null);
                fingerprint?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.GetUp.$Properties;
        }
        interface IGetDown extends peervault.control.GetDown.$Properties {
        }
        class GetDown {
            constructor(properties?: peervault.control.GetDown.$Properties);
            $unknowns?: Uint8Array[];
            entry?: (peervault.control.Entry.$Properties|null);
            bodyEnd?: (peervault.control.GetBodyEnd.$Properties|null);
            plan?: (peervault.control.GetPlan.$Properties|null);
            failed?: (peervault.control.GetFailed.$Properties|null);
            target?: (peervault.control.GetTarget.$Properties|null);
            progress?: (peervault.control.GetProgress.$Properties|null);
            kind?: ("entry"|"bodyEnd"|"plan"|"failed"|"target"|"progress");
            static encode(message: peervault.control.GetDown.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.GetDown & peervault.control.GetDown.$Shape;
        }

        namespace GetDown {
            interface $Properties {
                entry?: (peervault.control.Entry.$Properties|null);
                bodyEnd?: (peervault.control.GetBodyEnd.$Properties|null);
                plan?: (peervault.control.GetPlan.$Properties|null);
                failed?: (peervault.control.GetFailed.$Properties|null);
                target?: (peervault.control.GetTarget.$Properties|null);
                progress?: (peervault.control.GetProgress.$Properties|null);
                kind?: ("entry"|"bodyEnd"|"plan"|"failed"|"target"|"progress");
                $unknowns?: Uint8Array[];
            }
            type $Shape = {
              entry?: peervault.control.Entry.$Shape|null;
              bodyEnd?: peervault.control.GetBodyEnd.$Shape|null;
              plan?: peervault.control.GetPlan.$Shape|null;
              failed?: peervault.control.GetFailed.$Shape|null;
              target?: peervault.control.GetTarget.$Shape|null;
              progress?: peervault.control.GetProgress.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ kind?: undefined; entry?: null; bodyEnd?: null; plan?: null; failed?: null; target?: null; progress?: null }|{ kind?: "entry"; entry: peervault.control.Entry.$Shape; bodyEnd?: null; plan?: null; failed?: null; target?: null; progress?: null }|{ kind?: "bodyEnd"; entry?: null; bodyEnd: peervault.control.GetBodyEnd.$Shape; plan?: null; failed?: null; target?: null; progress?: null }|{ kind?: "plan"; entry?: null; bodyEnd?: null; plan: peervault.control.GetPlan.$Shape; failed?: null; target?: null; progress?: null }|{ kind?: "failed"; entry?: null; bodyEnd?: null; plan?: null; failed: peervault.control.GetFailed.$Shape; target?: null; progress?: null }|{ kind?: "target"; entry?: null; bodyEnd?: null; plan?: null; failed?: null; target: peervault.control.GetTarget.$Shape; progress?: null }|{ kind?: "progress"; entry?: null; bodyEnd?: null; plan?: null; failed?: null; target?: null; progress: peervault.control.GetProgress.$Shape })
            );
        }
        interface IGetPlan extends peervault.control.GetPlan.$Properties {
        }
        class GetPlan {
            constructor(properties?: peervault.control.GetPlan.$Properties);
            $unknowns?: Uint8Array[];
            files: number;
            bytes: number;
            static encode(message: peervault.control.GetPlan.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.GetPlan & peervault.control.GetPlan.$Shape;
        }

        namespace GetPlan {
            interface $Properties {
                files?: (number|null);
                bytes?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.GetPlan.$Properties;
        }
        interface IGetBodyEnd extends peervault.control.GetBodyEnd.$Properties {
        }
        class GetBodyEnd {
            constructor(properties?: peervault.control.GetBodyEnd.$Properties);
            $unknowns?: Uint8Array[];
            writtenBytes: number;
            static encode(message: peervault.control.GetBodyEnd.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.GetBodyEnd & peervault.control.GetBodyEnd.$Shape;
        }

        namespace GetBodyEnd {
            interface $Properties {
                writtenBytes?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.GetBodyEnd.$Properties;
        }
        interface IGetTarget extends peervault.control.GetTarget.$Properties {
        }
        class GetTarget {
            constructor(properties?: peervault.control.GetTarget.$Properties);
            $unknowns?: Uint8Array[];
            static encode(message: peervault.control.GetTarget.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.GetTarget & peervault.control.GetTarget.$Shape;
        }

        namespace GetTarget {
            interface $Properties {
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.GetTarget.$Properties;
        }
        interface IGetProgress extends peervault.control.GetProgress.$Properties {
        }
        class GetProgress {
            constructor(properties?: peervault.control.GetProgress.$Properties);
            $unknowns?: Uint8Array[];
            writtenBytes: number;
            static encode(message: peervault.control.GetProgress.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.GetProgress & peervault.control.GetProgress.$Shape;
        }

        namespace GetProgress {
            interface $Properties {
                writtenBytes?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.GetProgress.$Properties;
        }
        interface IGetFailed extends peervault.control.GetFailed.$Properties {
        }
        class GetFailed {
            constructor(properties?: peervault.control.GetFailed.$Properties);
            $unknowns?: Uint8Array[];
            failure: Uint8Array;
            target: boolean;
            static encode(message: peervault.control.GetFailed.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.GetFailed & peervault.control.GetFailed.$Shape;
        }

        namespace GetFailed {
            interface $Properties {
                failure?: (Uint8Array|null);
                target?: (boolean|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.GetFailed.$Properties;
        }
        interface IMakeDirectoryRequest extends peervault.control.MakeDirectoryRequest.$Properties {
        }
        class MakeDirectoryRequest {
            constructor(properties?: peervault.control.MakeDirectoryRequest.$Properties);
            $unknowns?: Uint8Array[];
            path: Uint8Array;
            parents: boolean;
            mode: number;
            static encode(message: peervault.control.MakeDirectoryRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.MakeDirectoryRequest & peervault.control.MakeDirectoryRequest.$Shape;
        }

        namespace MakeDirectoryRequest {
            interface $Properties {
                path?: (Uint8Array|null);
                parents?: (boolean|null);
                mode?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.MakeDirectoryRequest.$Properties;
        }
        interface IRemoveRequest extends peervault.control.RemoveRequest.$Properties {
        }
        class RemoveRequest {
            constructor(properties?: peervault.control.RemoveRequest.$Properties);
            $unknowns?: Uint8Array[];
            path: Uint8Array;
            recursive: boolean;
            force: boolean;
            static encode(message: peervault.control.RemoveRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.RemoveRequest & peervault.control.RemoveRequest.$Shape;
        }

        namespace RemoveRequest {
            interface $Properties {
                path?: (Uint8Array|null);
                recursive?: (boolean|null);
                force?: (boolean|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.RemoveRequest.$Properties;
        }
        interface IMoveRequest extends peervault.control.MoveRequest.$Properties {
        }
        class MoveRequest {
            constructor(properties?: peervault.control.MoveRequest.$Properties);
            $unknowns?: Uint8Array[];
            source: Uint8Array;
            destination: Uint8Array;
            noReplace: boolean;
            static encode(message: peervault.control.MoveRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.MoveRequest & peervault.control.MoveRequest.$Shape;
        }

        namespace MoveRequest {
            interface $Properties {
                source?: (Uint8Array|null);
                destination?: (Uint8Array|null);
                noReplace?: (boolean|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.MoveRequest.$Properties;
        }
        interface ICopyRequest extends peervault.control.CopyRequest.$Properties {
        }
        class CopyRequest {
            constructor(properties?: peervault.control.CopyRequest.$Properties);
            $unknowns?: Uint8Array[];
            source: Uint8Array;
            destination: Uint8Array;
            recursive: boolean;
            at?: (peervault.control.Moment.$Properties|null);
            static encode(message: peervault.control.CopyRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.CopyRequest & peervault.control.CopyRequest.$Shape;
        }

        namespace CopyRequest {
            interface $Properties {
                source?: (Uint8Array|null);
                destination?: (Uint8Array|null);
                recursive?: (boolean|null);
                at?: (peervault.control.Moment.$Properties|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = {
              source?: Uint8Array|null;
              destination?: Uint8Array|null;
              recursive?: boolean|null;
              at?: peervault.control.Moment.$Shape|null;
              $unknowns?: Uint8Array[];
            };
        }
        interface IChanged extends peervault.control.Changed.$Properties {
        }
        class Changed {
            constructor(properties?: peervault.control.Changed.$Properties);
            $unknowns?: Uint8Array[];
            entries: number;
            version: string;
            static encode(message: peervault.control.Changed.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.Changed & peervault.control.Changed.$Shape;
        }

        namespace Changed {
            interface $Properties {
                entries?: (number|null);
                version?: (string|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.Changed.$Properties;
        }
        interface IConflict extends peervault.control.Conflict.$Properties {
        }
        class Conflict {
            constructor(properties?: peervault.control.Conflict.$Properties);
            $unknowns?: Uint8Array[];
            path: Uint8Array;
            kind: number;
            versions: peervault.control.ConflictVersion.$Properties[];
            versionsOmitted: number;
            ancestor?: (peervault.control.ConflictVersion.$Properties|null);
            static encode(message: peervault.control.Conflict.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.Conflict & peervault.control.Conflict.$Shape;
        }

        namespace Conflict {
            interface $Properties {
                path?: (Uint8Array|null);
                kind?: (number|null);
                versions?: (peervault.control.ConflictVersion.$Properties[]|null);
                versionsOmitted?: (number|null);
                ancestor?: (peervault.control.ConflictVersion.$Properties|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.Conflict.$Properties;
        }
        interface IConflictVersion extends peervault.control.ConflictVersion.$Properties {
        }
        class ConflictVersion {
            constructor(properties?: peervault.control.ConflictVersion.$Properties);
            $unknowns?: Uint8Array[];
            name: Uint8Array;
            kind: number;
            size: number;
            mtimeS: number;
            mtimeNs: number;
            version: string;
            author: string;
            deviceId: string;
            own: boolean;
            timeMs: number;
            static encode(message: peervault.control.ConflictVersion.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.ConflictVersion & peervault.control.ConflictVersion.$Shape;
        }

        namespace ConflictVersion {
            interface $Properties {
                name?: (Uint8Array|null);
                kind?: (number|null);
                size?: (number|null);
                mtimeS?: (number|null);
                mtimeNs?: (number|null);
                version?: (string|null);
                author?: (string|null);
                deviceId?: (string|null);
                own?: (boolean|null);
                timeMs?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.ConflictVersion.$Properties;
        }
        interface IResolveRequest extends peervault.control.ResolveRequest.$Properties {
        }
        class ResolveRequest {
            constructor(properties?: peervault.control.ResolveRequest.$Properties);
            $unknowns?: Uint8Array[];
            path: Uint8Array;
            keep: string;
            static encode(message: peervault.control.ResolveRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.ResolveRequest & peervault.control.ResolveRequest.$Shape;
        }

        namespace ResolveRequest {
            interface $Properties {
                path?: (Uint8Array|null);
                keep?: (string|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.ResolveRequest.$Properties;
        }
        interface ILogRequest extends peervault.control.LogRequest.$Properties {
        }
        class LogRequest {
            constructor(properties?: peervault.control.LogRequest.$Properties);
            $unknowns?: Uint8Array[];
            path: Uint8Array;
            newest: number;
            static encode(message: peervault.control.LogRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.LogRequest & peervault.control.LogRequest.$Shape;
        }

        namespace LogRequest {
            interface $Properties {
                path?: (Uint8Array|null);
                newest?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.LogRequest.$Properties;
        }
        interface ILogRow extends peervault.control.LogRow.$Properties {
        }
        class LogRow {
            constructor(properties?: peervault.control.LogRow.$Properties);
            $unknowns?: Uint8Array[];
            what: number;
            kind: number;
            timeMs: number;
            author: string;
            deviceId: string;
            path: Uint8Array;
            from: Uint8Array;
            version: string;
            size: number;
            isCurrent: boolean;
            mode: number;
            modeKnown: boolean;
            restored: string;
            released: boolean;
            static encode(message: peervault.control.LogRow.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.LogRow & peervault.control.LogRow.$Shape;
        }

        namespace LogRow {
            interface $Properties {
                what?: (number|null);
                kind?: (number|null);
                timeMs?: (number|null);
                author?: (string|null);
                deviceId?: (string|null);
                path?: (Uint8Array|null);
                from?: (Uint8Array|null);
                version?: (string|null);
                size?: (number|null);
                isCurrent?: (boolean|null);
                mode?: (number|null);
                modeKnown?: (boolean|null);
                restored?: (string|null);
                released?: (boolean|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.LogRow.$Properties;
        }
        interface IRestoreRequest extends peervault.control.RestoreRequest.$Properties {
        }
        class RestoreRequest {
            constructor(properties?: peervault.control.RestoreRequest.$Properties);
            $unknowns?: Uint8Array[];
            path: Uint8Array;
            version: string;
            destination: Uint8Array;
            static encode(message: peervault.control.RestoreRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.RestoreRequest & peervault.control.RestoreRequest.$Shape;
        }

        namespace RestoreRequest {
            interface $Properties {
                path?: (Uint8Array|null);
                version?: (string|null);
                destination?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.RestoreRequest.$Properties;
        }
        interface ITrashRow extends peervault.control.TrashRow.$Properties {
        }
        class TrashRow {
            constructor(properties?: peervault.control.TrashRow.$Properties);
            $unknowns?: Uint8Array[];
            path: Uint8Array;
            kind: number;
            size: number;
            entries: number;
            timeMs: number;
            author: string;
            deviceId: string;
            version: string;
            daysLeft?: (number|null);
            static encode(message: peervault.control.TrashRow.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.TrashRow & peervault.control.TrashRow.$Shape;
        }

        namespace TrashRow {
            interface $Properties {
                path?: (Uint8Array|null);
                kind?: (number|null);
                size?: (number|null);
                entries?: (number|null);
                timeMs?: (number|null);
                author?: (string|null);
                deviceId?: (string|null);
                version?: (string|null);
                daysLeft?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.TrashRow.$Properties;
        }
        interface IInviteRequest extends peervault.control.InviteRequest.$Properties {
        }
        class InviteRequest {
            constructor(properties?: peervault.control.InviteRequest.$Properties);
            $unknowns?: Uint8Array[];
            role: string;
            expiresS: number;
            approve: boolean;
            addresses: string[];
            static encode(message: peervault.control.InviteRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.InviteRequest & peervault.control.InviteRequest.$Shape;
        }

        namespace InviteRequest {
            interface $Properties {
                role?: (string|null);
                expiresS?: (number|null);
                approve?: (boolean|null);
                addresses?: (string[]|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.InviteRequest.$Properties;
        }
        interface IPeerAddRequest extends peervault.control.PeerAddRequest.$Properties {
        }
        class PeerAddRequest {
            constructor(properties?: peervault.control.PeerAddRequest.$Properties);
            $unknowns?: Uint8Array[];
            device: string;
            address: string;
            static encode(message: peervault.control.PeerAddRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.PeerAddRequest & peervault.control.PeerAddRequest.$Shape;
        }

        namespace PeerAddRequest {
            interface $Properties {
                device?: (string|null);
                address?: (string|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.PeerAddRequest.$Properties;
        }
        interface IPeerRemoveRequest extends peervault.control.PeerRemoveRequest.$Properties {
        }
        class PeerRemoveRequest {
            constructor(properties?: peervault.control.PeerRemoveRequest.$Properties);
            $unknowns?: Uint8Array[];
            address: string;
            static encode(message: peervault.control.PeerRemoveRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.PeerRemoveRequest & peervault.control.PeerRemoveRequest.$Shape;
        }

        namespace PeerRemoveRequest {
            interface $Properties {
                address?: (string|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.PeerRemoveRequest.$Properties;
        }
        interface IMountRequest extends peervault.control.MountRequest.$Properties {
        }
        class MountRequest {
            constructor(properties?: peervault.control.MountRequest.$Properties);
            $unknowns?: Uint8Array[];
            directory: string;
            allowOther: boolean;
            driver: string;
            static encode(message: peervault.control.MountRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.MountRequest & peervault.control.MountRequest.$Shape;
        }

        namespace MountRequest {
            interface $Properties {
                directory?: (string|null);
                allowOther?: (boolean|null);
                driver?: (string|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.MountRequest.$Properties;
        }
        interface IUnmountRequest extends peervault.control.UnmountRequest.$Properties {
        }
        class UnmountRequest {
            constructor(properties?: peervault.control.UnmountRequest.$Properties);
            $unknowns?: Uint8Array[];
            directory: string;
            force: boolean;
            static encode(message: peervault.control.UnmountRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.UnmountRequest & peervault.control.UnmountRequest.$Shape;
        }

        namespace UnmountRequest {
            interface $Properties {
                directory?: (string|null);
                force?: (boolean|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.UnmountRequest.$Properties;
        }
        interface IRevokeRequest extends peervault.control.RevokeRequest.$Properties {
        }
        class RevokeRequest {
            constructor(properties?: peervault.control.RevokeRequest.$Properties);
            $unknowns?: Uint8Array[];
            device: string;
            reason: string;
            until: string[];
            lastStatement: string;
            static encode(message: peervault.control.RevokeRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.RevokeRequest & peervault.control.RevokeRequest.$Shape;
        }

        namespace RevokeRequest {
            interface $Properties {
                device?: (string|null);
                reason?: (string|null);
                until?: (string[]|null);
                lastStatement?: (string|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.RevokeRequest.$Properties;
        }
        interface IRoleRequest extends peervault.control.RoleRequest.$Properties {
        }
        class RoleRequest {
            constructor(properties?: peervault.control.RoleRequest.$Properties);
            $unknowns?: Uint8Array[];
            device: string;
            role: string;
            static encode(message: peervault.control.RoleRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.RoleRequest & peervault.control.RoleRequest.$Shape;
        }

        namespace RoleRequest {
            interface $Properties {
                device?: (string|null);
                role?: (string|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.RoleRequest.$Properties;
        }
        interface IApproveRequest extends peervault.control.ApproveRequest.$Properties {
        }
        class ApproveRequest {
            constructor(properties?: peervault.control.ApproveRequest.$Properties);
            $unknowns?: Uint8Array[];
            device: string;
            reject: boolean;
            static encode(message: peervault.control.ApproveRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.ApproveRequest & peervault.control.ApproveRequest.$Shape;
        }

        namespace ApproveRequest {
            interface $Properties {
                device?: (string|null);
                reject?: (boolean|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.ApproveRequest.$Properties;
        }
        interface IRecoverRequest extends peervault.control.RecoverRequest.$Properties {
        }
        class RecoverRequest {
            constructor(properties?: peervault.control.RecoverRequest.$Properties);
            $unknowns?: Uint8Array[];
            words: string;
            lastStatement: string;
            static encode(message: peervault.control.RecoverRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.RecoverRequest & peervault.control.RecoverRequest.$Shape;
        }

        namespace RecoverRequest {
            interface $Properties {
                words?: (string|null);
                lastStatement?: (string|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.RecoverRequest.$Properties;
        }
        interface IJournalChooseRequest extends peervault.control.JournalChooseRequest.$Properties {
        }
        class JournalChooseRequest {
            constructor(properties?: peervault.control.JournalChooseRequest.$Properties);
            $unknowns?: Uint8Array[];
            journal: string;
            sequence: number;
            hash: string;
            static encode(message: peervault.control.JournalChooseRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.JournalChooseRequest & peervault.control.JournalChooseRequest.$Shape;
        }

        namespace JournalChooseRequest {
            interface $Properties {
                journal?: (string|null);
                sequence?: (number|null);
                hash?: (string|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.JournalChooseRequest.$Properties;
        }
        interface IEventsRequest extends peervault.control.EventsRequest.$Properties {
        }
        class EventsRequest {
            constructor(properties?: peervault.control.EventsRequest.$Properties);
            $unknowns?: Uint8Array[];
            follow: boolean;
            recent: number;
            static encode(message: peervault.control.EventsRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.EventsRequest & peervault.control.EventsRequest.$Shape;
        }

        namespace EventsRequest {
            interface $Properties {
                follow?: (boolean|null);
                recent?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.EventsRequest.$Properties;
        }
        interface IEvent extends peervault.control.Event.$Properties {
        }
        class Event {
            constructor(properties?: peervault.control.Event.$Properties);
            $unknowns?: Uint8Array[];
            json: Uint8Array;
            static encode(message: peervault.control.Event.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.Event & peervault.control.Event.$Shape;
        }

        namespace Event {
            interface $Properties {
                json?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.Event.$Properties;
        }
        interface IWatched extends peervault.control.Watched.$Properties {
        }
        class Watched {
            constructor(properties?: peervault.control.Watched.$Properties);
            $unknowns?: Uint8Array[];
            reports: string[];
            static encode(message: peervault.control.Watched.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.Watched & peervault.control.Watched.$Shape;
        }

        namespace Watched {
            interface $Properties {
                reports?: (string[]|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.Watched.$Properties;
        }
        interface ITransferRequest extends peervault.control.TransferRequest.$Properties {
        }
        class TransferRequest {
            constructor(properties?: peervault.control.TransferRequest.$Properties);
            $unknowns?: Uint8Array[];
            id: string;
            action: number;
            static encode(message: peervault.control.TransferRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.TransferRequest & peervault.control.TransferRequest.$Shape;
        }

        namespace TransferRequest {
            interface $Properties {
                id?: (string|null);
                action?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.TransferRequest.$Properties;
        }
        interface IPiecesRequest extends peervault.control.PiecesRequest.$Properties {
        }
        class PiecesRequest {
            constructor(properties?: peervault.control.PiecesRequest.$Properties);
            $unknowns?: Uint8Array[];
            path: Uint8Array;
            cells: number;
            static encode(message: peervault.control.PiecesRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.PiecesRequest & peervault.control.PiecesRequest.$Shape;
        }

        namespace PiecesRequest {
            interface $Properties {
                path?: (Uint8Array|null);
                cells?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.PiecesRequest.$Properties;
        }
        interface ILimitRequest extends peervault.control.LimitRequest.$Properties {
        }
        class LimitRequest {
            constructor(properties?: peervault.control.LimitRequest.$Properties);
            $unknowns?: Uint8Array[];
            setIn: boolean;
            inBytesPerSecond: number;
            setOut: boolean;
            outBytesPerSecond: number;
            static encode(message: peervault.control.LimitRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.LimitRequest & peervault.control.LimitRequest.$Shape;
        }

        namespace LimitRequest {
            interface $Properties {
                setIn?: (boolean|null);
                inBytesPerSecond?: (number|null);
                setOut?: (boolean|null);
                outBytesPerSecond?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.LimitRequest.$Properties;
        }
        interface IConfigRequest extends peervault.control.ConfigRequest.$Properties {
        }
        class ConfigRequest {
            constructor(properties?: peervault.control.ConfigRequest.$Properties);
            $unknowns?: Uint8Array[];
            key: string;
            static encode(message: peervault.control.ConfigRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.ConfigRequest & peervault.control.ConfigRequest.$Shape;
        }

        namespace ConfigRequest {
            interface $Properties {
                key?: (string|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.ConfigRequest.$Properties;
        }
        interface IConfigSetRequest extends peervault.control.ConfigSetRequest.$Properties {
        }
        class ConfigSetRequest {
            constructor(properties?: peervault.control.ConfigSetRequest.$Properties);
            $unknowns?: Uint8Array[];
            key: string;
            value: string;
            unset: boolean;
            static encode(message: peervault.control.ConfigSetRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.ConfigSetRequest & peervault.control.ConfigSetRequest.$Shape;
        }

        namespace ConfigSetRequest {
            interface $Properties {
                key?: (string|null);
                value?: (string|null);
                unset?: (boolean|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.ConfigSetRequest.$Properties;
        }
        interface IShutdownRequest extends peervault.control.ShutdownRequest.$Properties {
        }
        class ShutdownRequest {
            constructor(properties?: peervault.control.ShutdownRequest.$Properties);
            $unknowns?: Uint8Array[];
            supervisor: boolean;
            static encode(message: peervault.control.ShutdownRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.ShutdownRequest & peervault.control.ShutdownRequest.$Shape;
        }

        namespace ShutdownRequest {
            interface $Properties {
                supervisor?: (boolean|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.ShutdownRequest.$Properties;
        }
        interface IMoment extends peervault.control.Moment.$Properties {
        }
        class Moment {
            constructor(properties?: peervault.control.Moment.$Properties);
            $unknowns?: Uint8Array[];
            snapshot?: (Uint8Array|null);
            timeMs?: (number|null);
            kind?: ("snapshot"|"timeMs");
            static encode(message: peervault.control.Moment.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.Moment & peervault.control.Moment.$Shape;
        }

        namespace Moment {
            interface $Properties {
                snapshot?: (Uint8Array|null);
                timeMs?: (number|null);
                kind?: ("snapshot"|"timeMs");
                $unknowns?: Uint8Array[];
            }
            type $Shape = {
              snapshot?: Uint8Array|null;
              timeMs?: number|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ kind?: undefined; snapshot?: null; timeMs?: null }|{ kind?: "snapshot"; snapshot: Uint8Array; timeMs?: null }|{ kind?: "timeMs"; snapshot?: null; timeMs: number })
            );
        }
        interface IMomentRequest extends peervault.control.MomentRequest.$Properties {
        }
        class MomentRequest {
            constructor(properties?: peervault.control.MomentRequest.$Properties);
            $unknowns?: Uint8Array[];
            text: string;
            timeMs?: (number|null);
            static encode(message: peervault.control.MomentRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.MomentRequest & peervault.control.MomentRequest.$Shape;
        }

        namespace MomentRequest {
            interface $Properties {
                text?: (string|null);
                timeMs?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.MomentRequest.$Properties;
        }
        interface IMomentDown extends peervault.control.MomentDown.$Properties {
        }
        class MomentDown {
            constructor(properties?: peervault.control.MomentDown.$Properties);
            $unknowns?: Uint8Array[];
            progress?: (peervault.control.MomentProgress.$Properties|null);
            ready?: (peervault.control.MomentReady.$Properties|null);
            kind?: ("progress"|"ready");
            static encode(message: peervault.control.MomentDown.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.MomentDown & peervault.control.MomentDown.$Shape;
        }

        namespace MomentDown {
            interface $Properties {
                progress?: (peervault.control.MomentProgress.$Properties|null);
                ready?: (peervault.control.MomentReady.$Properties|null);
                kind?: ("progress"|"ready");
                $unknowns?: Uint8Array[];
            }
            type $Shape = {
              progress?: peervault.control.MomentProgress.$Shape|null;
              ready?: peervault.control.MomentReady.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ kind?: undefined; progress?: null; ready?: null }|{ kind?: "progress"; progress: peervault.control.MomentProgress.$Shape; ready?: null }|{ kind?: "ready"; progress?: null; ready: peervault.control.MomentReady.$Shape })
            );
        }
        interface IMomentProgress extends peervault.control.MomentProgress.$Properties {
        }
        class MomentProgress {
            constructor(properties?: peervault.control.MomentProgress.$Properties);
            $unknowns?: Uint8Array[];
            batchesDone: number;
            batchesTotal: number;
            static encode(message: peervault.control.MomentProgress.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.MomentProgress & peervault.control.MomentProgress.$Shape;
        }

        namespace MomentProgress {
            interface $Properties {
                batchesDone?: (number|null);
                batchesTotal?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.MomentProgress.$Properties;
        }
        interface IMomentReady extends peervault.control.MomentReady.$Properties {
        }
        class MomentReady {
            constructor(properties?: peervault.control.MomentReady.$Properties);
            $unknowns?: Uint8Array[];
            moment?: (peervault.control.Moment.$Properties|null);
            static encode(message: peervault.control.MomentReady.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.MomentReady & peervault.control.MomentReady.$Shape;
        }

        namespace MomentReady {
            interface $Properties {
                moment?: (peervault.control.Moment.$Properties|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = {
              moment?: peervault.control.Moment.$Shape|null;
              $unknowns?: Uint8Array[];
            };
        }
        interface ISnapshotRequest extends peervault.control.SnapshotRequest.$Properties {
        }
        class SnapshotRequest {
            constructor(properties?: peervault.control.SnapshotRequest.$Properties);
            $unknowns?: Uint8Array[];
            name: string;
            static encode(message: peervault.control.SnapshotRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.SnapshotRequest & peervault.control.SnapshotRequest.$Shape;
        }

        namespace SnapshotRequest {
            interface $Properties {
                name?: (string|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.SnapshotRequest.$Properties;
        }
        interface ICompareRequest extends peervault.control.CompareRequest.$Properties {
        }
        class CompareRequest {
            constructor(properties?: peervault.control.CompareRequest.$Properties);
            $unknowns?: Uint8Array[];
            before?: (peervault.control.Moment.$Properties|null);
            after?: (peervault.control.Moment.$Properties|null);
            path: Uint8Array;
            static encode(message: peervault.control.CompareRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.CompareRequest & peervault.control.CompareRequest.$Shape;
        }

        namespace CompareRequest {
            interface $Properties {
                before?: (peervault.control.Moment.$Properties|null);
                after?: (peervault.control.Moment.$Properties|null);
                path?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = {
              before?: peervault.control.Moment.$Shape|null;
              after?: peervault.control.Moment.$Shape|null;
              path?: Uint8Array|null;
              $unknowns?: Uint8Array[];
            };
        }
        interface IComparePage extends peervault.control.ComparePage.$Properties {
        }
        class ComparePage {
            constructor(properties?: peervault.control.ComparePage.$Properties);
            $unknowns?: Uint8Array[];
            differences: peervault.control.Difference.$Properties[];
            static encode(message: peervault.control.ComparePage.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.ComparePage & peervault.control.ComparePage.$Shape;
        }

        namespace ComparePage {
            interface $Properties {
                differences?: (peervault.control.Difference.$Properties[]|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.ComparePage.$Properties;
        }
        interface IDifference extends peervault.control.Difference.$Properties {
        }
        class Difference {
            constructor(properties?: peervault.control.Difference.$Properties);
            $unknowns?: Uint8Array[];
            kind: number;
            path: Uint8Array;
            pathBefore: Uint8Array;
            nodeKind: number;
            sizeBefore: number;
            sizeAfter: number;
            static encode(message: peervault.control.Difference.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.Difference & peervault.control.Difference.$Shape;
        }

        namespace Difference {
            interface $Properties {
                kind?: (number|null);
                path?: (Uint8Array|null);
                pathBefore?: (Uint8Array|null);
                nodeKind?: (number|null);
                sizeBefore?: (number|null);
                sizeAfter?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.Difference.$Properties;
        }
        interface IRestoreAtRequest extends peervault.control.RestoreAtRequest.$Properties {
        }
        class RestoreAtRequest {
            constructor(properties?: peervault.control.RestoreAtRequest.$Properties);
            $unknowns?: Uint8Array[];
            at?: (peervault.control.Moment.$Properties|null);
            source: Uint8Array;
            destination: Uint8Array;
            static encode(message: peervault.control.RestoreAtRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.RestoreAtRequest & peervault.control.RestoreAtRequest.$Shape;
        }

        namespace RestoreAtRequest {
            interface $Properties {
                at?: (peervault.control.Moment.$Properties|null);
                source?: (Uint8Array|null);
                destination?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = {
              at?: peervault.control.Moment.$Shape|null;
              source?: Uint8Array|null;
              destination?: Uint8Array|null;
              $unknowns?: Uint8Array[];
            };
        }
        interface IUsageRequest extends peervault.control.UsageRequest.$Properties {
        }
        class UsageRequest {
            constructor(properties?: peervault.control.UsageRequest.$Properties);
            $unknowns?: Uint8Array[];
            path: Uint8Array;
            depthMax?: (number|null);
            at?: (peervault.control.Moment.$Properties|null);
            static encode(message: peervault.control.UsageRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.UsageRequest & peervault.control.UsageRequest.$Shape;
        }

        namespace UsageRequest {
            interface $Properties {
                path?: (Uint8Array|null);
                depthMax?: (number|null);
                at?: (peervault.control.Moment.$Properties|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = {
              path?: Uint8Array|null;
              depthMax?: number|null;
              at?: peervault.control.Moment.$Shape|null;
              $unknowns?: Uint8Array[];
            };
        }
        interface IUsagePage extends peervault.control.UsagePage.$Properties {
        }
        class UsagePage {
            constructor(properties?: peervault.control.UsagePage.$Properties);
            $unknowns?: Uint8Array[];
            rows: peervault.control.Usage.$Properties[];
            static encode(message: peervault.control.UsagePage.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.UsagePage & peervault.control.UsagePage.$Shape;
        }

        namespace UsagePage {
            interface $Properties {
                rows?: (peervault.control.Usage.$Properties[]|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.UsagePage.$Properties;
        }
        interface IUsage extends peervault.control.Usage.$Properties {
        }
        class Usage {
            constructor(properties?: peervault.control.Usage.$Properties);
            $unknowns?: Uint8Array[];
            path: Uint8Array;
            files: number;
            directories: number;
            bytes: number;
            storedBytes: number;
            filesUnknown: number;
            static encode(message: peervault.control.Usage.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.Usage & peervault.control.Usage.$Shape;
        }

        namespace Usage {
            interface $Properties {
                path?: (Uint8Array|null);
                files?: (number|null);
                directories?: (number|null);
                bytes?: (number|null);
                storedBytes?: (number|null);
                filesUnknown?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.Usage.$Properties;
        }
        interface IUnlockRequest extends peervault.control.UnlockRequest.$Properties {
        }
        class UnlockRequest {
            constructor(properties?: peervault.control.UnlockRequest.$Properties);
            $unknowns?: Uint8Array[];
            passphrase: Uint8Array;
            static encode(message: peervault.control.UnlockRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.UnlockRequest & peervault.control.UnlockRequest.$Shape;
        }

        namespace UnlockRequest {
            interface $Properties {
                passphrase?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.UnlockRequest.$Properties;
        }
        interface IPassphraseRequest extends peervault.control.PassphraseRequest.$Properties {
        }
        class PassphraseRequest {
            constructor(properties?: peervault.control.PassphraseRequest.$Properties);
            $unknowns?: Uint8Array[];
            change: number;
            current: Uint8Array;
            next: Uint8Array;
            static encode(message: peervault.control.PassphraseRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.PassphraseRequest & peervault.control.PassphraseRequest.$Shape;
        }

        namespace PassphraseRequest {
            interface $Properties {
                change?: (number|null);
                current?: (Uint8Array|null);
                next?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.PassphraseRequest.$Properties;
        }
        interface IKeysBackupRequest extends peervault.control.KeysBackupRequest.$Properties {
        }
        class KeysBackupRequest {
            constructor(properties?: peervault.control.KeysBackupRequest.$Properties);
            $unknowns?: Uint8Array[];
            passphrase: Uint8Array;
            static encode(message: peervault.control.KeysBackupRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.KeysBackupRequest & peervault.control.KeysBackupRequest.$Shape;
        }

        namespace KeysBackupRequest {
            interface $Properties {
                passphrase?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.KeysBackupRequest.$Properties;
        }
        interface IAuditRequest extends peervault.control.AuditRequest.$Properties {
        }
        class AuditRequest {
            constructor(properties?: peervault.control.AuditRequest.$Properties);
            $unknowns?: Uint8Array[];
            sinceMs: number;
            follow: boolean;
            static encode(message: peervault.control.AuditRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.AuditRequest & peervault.control.AuditRequest.$Shape;
        }

        namespace AuditRequest {
            interface $Properties {
                sinceMs?: (number|null);
                follow?: (boolean|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.AuditRequest.$Properties;
        }
        interface IRetentionSetRequest extends peervault.control.RetentionSetRequest.$Properties {
        }
        class RetentionSetRequest {
            constructor(properties?: peervault.control.RetentionSetRequest.$Properties);
            $unknowns?: Uint8Array[];
            path: Uint8Array;
            rule: string;
            static encode(message: peervault.control.RetentionSetRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.RetentionSetRequest & peervault.control.RetentionSetRequest.$Shape;
        }

        namespace RetentionSetRequest {
            interface $Properties {
                path?: (Uint8Array|null);
                rule?: (string|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.RetentionSetRequest.$Properties;
        }
        interface IForgetRequest extends peervault.control.ForgetRequest.$Properties {
        }
        class ForgetRequest {
            constructor(properties?: peervault.control.ForgetRequest.$Properties);
            $unknowns?: Uint8Array[];
            path: Uint8Array;
            dryRun: boolean;
            static encode(message: peervault.control.ForgetRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.ForgetRequest & peervault.control.ForgetRequest.$Shape;
        }

        namespace ForgetRequest {
            interface $Properties {
                path?: (Uint8Array|null);
                dryRun?: (boolean|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.ForgetRequest.$Properties;
        }
        interface ICollectRequest extends peervault.control.CollectRequest.$Properties {
        }
        class CollectRequest {
            constructor(properties?: peervault.control.CollectRequest.$Properties);
            $unknowns?: Uint8Array[];
            dryRun: boolean;
            static encode(message: peervault.control.CollectRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.CollectRequest & peervault.control.CollectRequest.$Shape;
        }

        namespace CollectRequest {
            interface $Properties {
                dryRun?: (boolean|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.CollectRequest.$Properties;
        }
        interface IFoldRequest extends peervault.control.FoldRequest.$Properties {
        }
        class FoldRequest {
            constructor(properties?: peervault.control.FoldRequest.$Properties);
            $unknowns?: Uint8Array[];
            dryRun: boolean;
            static encode(message: peervault.control.FoldRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.FoldRequest & peervault.control.FoldRequest.$Shape;
        }

        namespace FoldRequest {
            interface $Properties {
                dryRun?: (boolean|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.FoldRequest.$Properties;
        }
        interface ISayRequest extends peervault.control.SayRequest.$Properties {
        }
        class SayRequest {
            constructor(properties?: peervault.control.SayRequest.$Properties);
            $unknowns?: Uint8Array[];
            text: string;
            device: string;
            path?: (Uint8Array|null);
            static encode(message: peervault.control.SayRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.SayRequest & peervault.control.SayRequest.$Shape;
        }

        namespace SayRequest {
            interface $Properties {
                text?: (string|null);
                device?: (string|null);
                path?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.SayRequest.$Properties;
        }
        interface INotesRequest extends peervault.control.NotesRequest.$Properties {
        }
        class NotesRequest {
            constructor(properties?: peervault.control.NotesRequest.$Properties);
            $unknowns?: Uint8Array[];
            path?: (Uint8Array|null);
            follow: boolean;
            static encode(message: peervault.control.NotesRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.NotesRequest & peervault.control.NotesRequest.$Shape;
        }

        namespace NotesRequest {
            interface $Properties {
                path?: (Uint8Array|null);
                follow?: (boolean|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.NotesRequest.$Properties;
        }
        interface INoteRow extends peervault.control.NoteRow.$Properties {
        }
        class NoteRow {
            constructor(properties?: peervault.control.NoteRow.$Properties);
            $unknowns?: Uint8Array[];
            id: Uint8Array;
            timeMs: number;
            device: Uint8Array;
            author: string;
            to: Uint8Array;
            toName: string;
            pinned: boolean;
            path?: (Uint8Array|null);
            text: string;
            static encode(message: peervault.control.NoteRow.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.NoteRow & peervault.control.NoteRow.$Shape;
        }

        namespace NoteRow {
            interface $Properties {
                id?: (Uint8Array|null);
                timeMs?: (number|null);
                device?: (Uint8Array|null);
                author?: (string|null);
                to?: (Uint8Array|null);
                toName?: (string|null);
                pinned?: (boolean|null);
                path?: (Uint8Array|null);
                text?: (string|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.NoteRow.$Properties;
        }
    }
}
