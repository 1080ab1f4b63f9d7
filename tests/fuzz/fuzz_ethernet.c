/* Any octets as a frame: the description covers every octet, and the short view agrees with it. */
#include "fuzz.h"
#include "wire/describe.h"
#include "wire/ethernet.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size) {
    static Description d;
    Bytes frame = bytes_of(at, size);
    describe_frame(frame, &d);
    size_t end = 0;
    for (size_t i = 0; i < d.count; i++) {
        const DescribedField *f = &d.fields[i];
        CHECK((size_t)f->offset + f->length <= size);
        CHECK(f->value_at < d.values.size);
        CHECK(strlen(description_value(&d, f)) < d.values.size);
        if (f->depth == 1 || strcmp(f->key, "ethernet.padding") == 0) {
            CHECK(f->offset <= end);
            if (f->offset + f->length > end) end = f->offset + f->length;
        }
    }
    CHECK(end == size);
    if (d.fault.reason) fuzz_check_fault(d.fault, size);
    FrameSummary s;
    frame_summarise(frame, &s);
    CHECK(s.payload_offset + s.payload_size <= size);
    CHECK(strcmp(s.protocol, d.protocol) == 0);
    CHECK(strcmp(s.message, d.message) == 0);

    EthernetFrame ethernet;
    ParseFault fault = {0};
    if (!ethernet_decode(frame, &ethernet, &fault)) {
        fuzz_check_fault(fault, size);
        return 0;
    }
    static uint8_t room[1 << 20];
    ByteWriter w = byte_writer(room, sizeof room);
    ethernet_encode_header(&ethernet, &w);
    CHECK(w.size == ETHERNET_HEADER_SIZE && memcmp(room, at, ETHERNET_HEADER_SIZE) == 0);
    return 0;
}
