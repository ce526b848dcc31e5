//! Code in a worker that speaks to the host itself, past everything the worker would have sent: the
//! host must neither believe it nor be held up by it.

use std::time::Duration;

use easel::worker::{Cancel, RunError, Worker};
use easel_protocol::picture::PixelFormat;

use super::fixture::{Fixture, assert_works, picture, with};

/// Finds the socket to the host among its descriptors and does `act`, by number.
const SOURCE: &str = r#"
#include "fixture.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static int find_socket(void) {
   struct stat stat;
   for (int descriptor = 3; descriptor < 64; descriptor++) {
      if (fstat(descriptor, &stat) == 0 && S_ISSOCK(stat.st_mode)) return descriptor;
   }
   abort();
}

static void say(const char *words) {
   uint32_t length = (uint32_t)strlen(words);
   char frame[4096];
   memcpy(frame, &length, 4);
   memcpy(frame + 4, words, length);
   if (write(find_socket(), frame, length + 4) < 0) abort();
}

FIXTURE_RUN {
   static char zeros[1 << 16];
   int act = (int)fixture_number(request, "act", 0);
   FIXTURE_UNUSED(instance);
   switch (act) {
   case 1: say("{]"); break;
   case 2: say("{\"kind\":\"unheard_of\"}"); break;
   case 3: say("{\"kind\":\"done\",\"run\":77,\"status\":0,\"text\":null,\"dropped_lines\":0}"); break;
   case 4: say("{\"kind\":\"preview\",\"run\":1,\"output\":5}"); break;
   case 5: say("{\"kind\":\"opened\"}"); break;
   case 6: if (write(find_socket(), "\377\377\377\377", 4) < 0) abort(); break;
   case 7: if (write(find_socket(), "\377", 1) < 0) abort(); break;            /* half a length */
   case 8: close(find_socket()); break;                                        /* while it is read from */
   case 9: shutdown(find_socket(), SHUT_RDWR); break;
   case 10: raise(SIGSTOP); break;
   case 11: for (;;) if (write(find_socket(), zeros, sizeof zeros) < 0) abort(); /* empty frames for ever */
   case 12: {                                                                  /* descriptors for the host */
      char space[CMSG_SPACE(sizeof(int))] = {0}, byte = 0;
      struct iovec part = {&byte, 1};
      struct msghdr message = {0};
      struct cmsghdr *header;
      message.msg_iov = &part, message.msg_iovlen = 1;
      message.msg_control = space, message.msg_controllen = sizeof space;
      header = CMSG_FIRSTHDR(&message);
      header->cmsg_level = SOL_SOCKET, header->cmsg_type = SCM_RIGHTS, header->cmsg_len = CMSG_LEN(sizeof(int));
      memset(CMSG_DATA(header), 0, sizeof(int));
      for (int turn = 0; turn < 4; turn++) sendmsg(find_socket(), &message, 0);
      break;
   }
   case 13: {                                                                  /* shrink the memory of an output */
      easel_image *output = fixture_inverted(host, request);
      for (int descriptor = 3; descriptor < 64; descriptor++) {
         if (ftruncate(descriptor, 0) == 0) abort();
      }
      return output == NULL ? EASEL_ERR_FAILED : EASEL_OK;
   }
   case 14: {                                                                  /* outputs without end */
      while (host->new_output(host->ctx, 4, 4, EASEL_RGBA8) != NULL) {}
      return EASEL_ERR_FAILED;
   }
   case 15: {                                                                  /* outputs that are none */
      if (host->new_output(host->ctx, 0, 4, EASEL_RGBA8) != NULL) abort();
      if (host->new_output(host->ctx, 4, 4, 99) != NULL) abort();
      if (host->new_output(host->ctx, 0xffffffffu, 0xffffffffu, EASEL_RGBAF32) != NULL) abort();
      if (host->new_output(host->ctx, 1u << 31, 1, EASEL_GRAY8) != NULL) abort();
      return fixture_finish(host, request);
   }
   case 16: {                                                                  /* write into the sealed source */
      uint8_t *pixels = request->source->pixels;
      uintptr_t start = (uintptr_t)pixels & ~(uintptr_t)4095;
      mprotect((void *)start, 4096, PROT_READ | PROT_WRITE);
      for (int descriptor = 3; descriptor < 64; descriptor++) {
         if (descriptor != find_socket() && pwrite(descriptor, "xxxx", 4, 0) > 0) abort();
         if (mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0) != MAP_FAILED) abort();
      }
      return fixture_finish(host, request);
   }
   default: return fixture_finish(host, request);
   }
   for (;;) fixture_sleep(1000);
}

FIXTURE("hostile", "speaks to the host itself", "")
"#;

#[test]
fn nonsense_and_silence_end_the_worker_and_nothing_else() {
    let hostile = Fixture::from_source("hostile", SOURCE);
    let mut launch = hostile.launch();
    launch.grace = Duration::from_millis(50);
    for (act, words) in [
        (1, "makes no sense"),
        (2, "makes no sense"),
        (3, "it ended run 77"),
        (4, "it showed preview 5"),
        (5, "it introduced itself twice"),
        (6, "a frame of 4294967295 bytes"),
        (9, "signal 9"),
        (11, "makes no sense"),
        (12, "makes no sense"),
    ] {
        let mut worker = Worker::spawn(&launch).unwrap();
        let mut run = with(hostile.run(picture(PixelFormat::Rgba8, 4, 4)), "act", act);
        // One of them leaves the last frame open and sends nothing more.
        run.timeout = Duration::from_secs(20);
        let error = worker.run(&run, &mut (), &Cancel::new()).unwrap_err();
        let RunError::Crashed(crash) = &error else { panic!("act {act}: {error}") };
        // The worker may notice the end of its socket and go before it is ended.
        let gone = act == 9 && crash.exit == Some(1);
        assert!(gone || crash.to_string().contains(words), "act {act}: {crash}");
        assert!(!worker.is_usable(), "act {act}");
    }
    assert_works(&mut Worker::spawn(&launch).unwrap(), &hostile);
}

#[test]
fn a_worker_that_stops_moving_is_ended() {
    let hostile = Fixture::from_source("hostile", SOURCE);
    let mut launch = hostile.launch();
    launch.grace = Duration::from_millis(50);
    for act in [7, 10] {
        let mut worker = Worker::spawn(&launch).unwrap();
        let mut run = with(hostile.run(picture(PixelFormat::Rgba8, 4, 4)), "act", act);
        run.timeout = Duration::from_millis(100);
        let error = worker.run(&run, &mut (), &Cancel::new()).unwrap_err();
        assert!(matches!(error, RunError::TimedOut { .. }), "act {act}: {error}");
        assert!(!worker.is_usable(), "act {act}");
    }
}

#[test]
fn a_worker_that_hangs_up_and_lives_on_is_ended() {
    let hostile = Fixture::from_source("hostile", SOURCE);
    let mut launch = hostile.launch();
    launch.grace = Duration::from_millis(50);
    let mut worker = Worker::spawn(&launch).unwrap();
    let mut run = with(hostile.run(picture(PixelFormat::Rgba8, 4, 4)), "act", 8);
    run.timeout = Duration::from_millis(500);
    let error = worker.run(&run, &mut (), &Cancel::new()).unwrap_err();
    // Whether the host hears of it at once depends on who was reading at that moment.
    assert!(matches!(error, RunError::Crashed(_) | RunError::TimedOut { .. }), "{error}");
    assert!(!worker.is_usable());
}

#[cfg(target_os = "linux")]
#[test]
fn memory_can_neither_be_shrunk_nor_written_against_the_rules() {
    let hostile = Fixture::from_source("hostile", SOURCE);
    let mut worker = hostile.worker();
    for act in [13, 15, 16] {
        let run = with(hostile.run(picture(PixelFormat::Rgba8, 64, 64)), "act", act);
        let before = run.source.bytes().to_vec();
        let outputs = worker.run(&run, &mut (), &Cancel::new());
        assert!(outputs.is_ok(), "act {act}: {outputs:?}");
        assert_eq!(run.source.bytes(), before, "act {act}");
    }
    let run = with(hostile.run(picture(PixelFormat::Rgba8, 4, 4)), "act", 14);
    let error = worker.run(&run, &mut (), &Cancel::new()).unwrap_err();
    assert!(error.to_string().contains("at most 64 outputs"), "{error}");
    assert_works(&mut worker, &hostile);
}
