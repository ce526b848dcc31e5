//! Which file systems change without this machine knowing: those of other machines, and those that a program answers
//! for. Where a system does not say what a folder lies on, it is taken for a disk of this machine.

use std::path::Path;

/// The name of a file system that others change as well.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn remote(folder: &Path) -> Option<&'static str> {
    let found = rustix::fs::statfs(folder).ok()?;
    // The width differs between machines, and only 32 bits are ever used.
    named(found.f_type as u32)
}

/// See above.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn remote(_folder: &Path) -> Option<&'static str> {
    None
}

/// The numbers are those that `statfs(2)` and the kernel's `magic.h` give.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn named(kind: u32) -> Option<&'static str> {
    Some(match kind {
        0x6969 => "NFS",
        0x517B | 0xFE53_4D42 | 0xFF53_4D42 => "SMB",
        0x0102_1997 => "9P",
        0x6573_5546 => "FUSE",
        0x5346_414F | 0x6B41_4653 => "AFS",
        0x00C3_6400 => "Ceph",
        0x564C => "NCP",
        0x7375_7245 => "Coda",
        0x0116_1970 => "GFS2",
        0x7461_636F => "OCFS2",
        0x0BD0_0BD0 => "Lustre",
        0x4750_4653 => "GPFS",
        0x1983_0326 => "BeeGFS",
        0x2003_0528 => "OrangeFS",
        0x786F_4256 => "VirtualBox",
        0xBACB_ACBC => "VMware",
        _ => return None,
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn disks_are_local_and_servers_are_not() {
        for (kind, name) in [
            (0x6969, "NFS"),
            (0xFF53_4D42, "SMB"),
            (0xFE53_4D42, "SMB"),
            (0x0102_1997, "9P"),
            (0x6573_5546, "FUSE"),
            (0x5346_414F, "AFS"),
            (0x00C3_6400, "Ceph"),
        ] {
            assert_eq!(named(kind), Some(name));
        }
        // ext4, btrfs, xfs, tmpfs, overlayfs, FAT, and one that nobody has heard of.
        for kind in [0xEF53, 0x9123_683E, 0x5846_5342, 0x0102_1994, 0x794C_7630, 0x4D44, 1] {
            assert_eq!(named(kind), None);
        }
        assert_eq!(remote(Path::new("/proc")), None);
        assert_eq!(remote(Path::new("/nowhere/at/all")), None);
    }
}
