//! Public keys whose private half is printed, or is so plain that somebody has tried it.
//!
//! Every one was computed from its private half, and the test at the foot computes it again.

/// The x coordinate of points of P-256; a point and its negative share it.
pub const P256: [&str; 25] = [
    // Scalars 1 (the generator) to 16.
    "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
    "7cf27b188d034f7e8a52380304b51ac3c08969e277f21b35a60b48fc47669978",
    "5ecbe4d1a6330a44c8f7ef951d4bf165e6c6b721efada985fb41661bc6e7fd6c",
    "e2534a3532d08fbba02dde659ee62bd0031fe2db785596ef509302446b030852",
    "51590b7a515140d2d784c85608668fdfef8c82fd1f5be52421554a0dc3d033ed",
    "b01a172a76a4602c92d3242cb897dde3024c740debb215b4c6b0aae93c2291a9",
    "8e533b6fa0bf7b4625bb30667c01fb607ef9f8b8a80fef5b300628703187b2a3",
    "62d9779dbee9b0534042742d3ab54cadc1d238980fce97dbb4dd9dc1db6fb393",
    "ea68d7b6fedf0b71878938d51d71f8729e0acb8c2c6df8b3d79e8a4b90949ee0",
    "cef66d6b2a3a993e591214d1ea223fb545ca6c471c48306e4c36069404c5723f",
    "3ed113b7883b4c590638379db0c21cda16742ed0255048bf433391d374bc21d1",
    "741dd5bda817d95e4626537320e5d55179983028b2f82c99d500c5ee8624e3c4",
    "177c837ae0ac495a61805df2d85ee2fc792e284b65ead58a98e15d9d46072c01",
    "54e77a001c3862b97a76647f4336df3cf126acbe7a069c5e5709277324d2920b",
    "f0454dc6971abae7adfb378999888265ae03af92de3a0ef163668c63e59b9d5f",
    "76a94d138a6b41858b821c629836315fcd28392eff6ca038a5eb4787e1277c6e",
    // RFC 6979 §A.2.5.
    "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6",
    // RFC 9500 §2.3.
    "422548f88fb782ffb5eca3744452c72a1e558fbd6f73be5e48e93232cc45c5b1",
    // RFC 5903 §8.1, initiator and responder.
    "dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180",
    "d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63",
    // RFC 7515 §A.3.
    "7fcdce2770f6c45d4183cbee6fdb4b7b580733357be9ef13bacf6e3c7bd15445",
    // RFC 7517 §A.2.
    "30a0424cd21c2944838a2d75c92b37e76ea20d9f00893a3b4eee8a3c0aafec3e",
    // RFC 9421 §B.1.3.
    "a885586552c2acf6471878cfd7b0935b4ffe0fd2dfc341248ea17bc41e058af0",
    // The bytes 00 to 1f, and 01 to 20.
    "7a593180860c4037c83c12749845c8ee1424dd297fadcb895e358255d2c7d2b2",
    "515c3d6eb9e396b904d3feca7f54fdcd0cc1e997bf375dca515ad0a6c3b4035f",
];

/// Ed25519 keys with the sign bit cleared, in which a key and its negative differ.
pub const ED25519: [&str; 15] = [
    // The base point, whose scalar is 1.
    "5866666666666666666666666666666666666666666666666666666666666666",
    // RFC 8032 §7.1, tests 1 to 3, 1024 and SHA(abc).
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    "278117fc144c72340f67d0f2316e8386ceffbf2b2428c9c51fef7c597f1d426e",
    "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e23f",
    // RFC 8410 §10.1.
    "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad70316661",
    // RFC 9421 §B.1.4.
    "26b40b8f93fff3d897112f7ebc582b232dbd72517d082fe83cfb30ddce43d13b",
    // Seeds of 32 times 00, 01 and ff; 1 written from either end; the bytes 00 to 1f, and 01 to 20.
    "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29",
    "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c",
    "76a1592044a6e4f511265bca73a604d90b0529d1df602be30a19a9257660d175",
    "4cb5abf6ad79fbf5abbccafcc269d85cd2651ed4b885b5869f241aedf0a5ba29",
    "cecc1507dc1ddd7295951c290888f095adb9044d1b73d696e6df065d683bd47c",
    "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc866412553138",
    "79b5562e8fe654f94078b112e8a98ba7901f853ae695bed7e0e3910bad049664",
];

#[cfg(test)]
mod tests {
    use aws_lc_rs::{
        agreement::{ECDH_P256, PrivateKey},
        signature::{Ed25519KeyPair, KeyPair},
    };

    use super::*;

    /// The private scalars that RFCs print, in the order of the list.
    const P256_SCALARS: [&str; 7] = [
        "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
        "e6cb5bdd80aa45ae9c95e8c15476679ffec953c16851e711e743939589c64fc1",
        "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433",
        "c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53",
        "8e9b109e719098bf980487df1f5d77e9cb29606ebed2263b5f57c213df84f4b2",
        "f3bd0c07a81fb932781ed52752f60cc89a6be5e51934fe01938ddb55d8f77801",
        "529b85f3597e90ec5b8dfed3e26352bf4af9b4debb1a29bbae77fa105a5c603b",
    ];

    /// The seeds that RFCs print, in the order of the list.
    const ED25519_SEEDS: [&str; 7] = [
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "f5e5767cf153319517630f226876b86c8160cc583bc013744c6bf255f5cc0ee5",
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842",
        "9f8362f87a484a954e6e740c5b4c0e84229139a20aa8ab56ff66586f6a7d29c5",
    ];

    /// The bytes `from` to `from + 31`.
    fn counting(from: u8) -> [u8; 32] {
        std::array::from_fn(|index| from + u8::try_from(index).unwrap())
    }

    fn at_the_end(value: u8) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes[31] = value;
        bytes
    }

    fn printed(text: &str) -> [u8; 32] {
        hex::decode(text).unwrap().try_into().unwrap()
    }

    #[test]
    fn points_of_p256_come_from_their_scalars() {
        let small = (1..=16).map(at_the_end);
        let scalars = small.chain(P256_SCALARS.map(printed)).chain([0, 1].map(counting));
        let points: Vec<_> = scalars
            .map(|scalar| {
                let key = PrivateKey::from_private_key(&ECDH_P256, &scalar).unwrap();
                hex::encode(&key.compute_public_key().unwrap().as_ref()[1..33])
            })
            .collect();
        assert_eq!(points, P256);
    }

    #[test]
    fn keys_of_ed25519_come_from_their_seeds() {
        let mut one_first = [0; 32];
        one_first[0] = 1;
        let plain = [[0; 32], [1; 32], [0xff; 32], at_the_end(1), one_first];
        let seeds = ED25519_SEEDS.map(printed).into_iter().chain(plain).chain([0, 1].map(counting));
        let keys: Vec<_> = seeds
            .map(|seed| {
                let pair = Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
                let mut key: [u8; 32] = pair.public_key().as_ref().try_into().unwrap();
                key[31] &= 0x7f;
                hex::encode(key)
            })
            .collect();
        // The base point has a scalar and no seed.
        assert_eq!(keys, ED25519[1..]);
    }
}
