impl serde::Serialize for AccessToken {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.token.is_empty() {
            len += 1;
        }
        if self.expires_in != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.AccessToken", len)?;
        if !self.token.is_empty() {
            struct_ser.serialize_field("token", &self.token)?;
        }
        if self.expires_in != 0 {
            struct_ser.serialize_field("expiresIn", &self.expires_in)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for AccessToken {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "token",
            "expires_in",
            "expiresIn",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Token,
            ExpiresIn,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "token" => Ok(GeneratedField::Token),
                            "expiresIn" | "expires_in" => Ok(GeneratedField::ExpiresIn),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = AccessToken;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.AccessToken")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<AccessToken, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut token__ = None;
                let mut expires_in__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Token => {
                            if token__.is_some() {
                                return Err(serde::de::Error::duplicate_field("token"));
                            }
                            token__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::ExpiresIn => {
                            if expires_in__.is_some() {
                                return Err(serde::de::Error::duplicate_field("expiresIn"));
                            }
                            expires_in__ = 
                                Some(map_.next_value::<::std::option::Option<crate::json::Number<_>>>()?.map(|x| x.0).unwrap_or_default())
                            ;
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(AccessToken {
                    token: token__.unwrap_or_default(),
                    expires_in: expires_in__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.AccessToken", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Ack {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let len = 0;
        let struct_ser = serializer.serialize_struct("antiphon.v1.Ack", len)?;
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Ack {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                            Ok(GeneratedField::__SkipField__)
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Ack;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.Ack")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Ack, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                while map_.next_key::<GeneratedField>()?.is_some() {
                    let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                }
                Ok(Ack {
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.Ack", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Admit {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.sid.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.Admit", len)?;
        if !self.sid.is_empty() {
            struct_ser.serialize_field("sid", &self.sid)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Admit {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "sid",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Sid,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "sid" => Ok(GeneratedField::Sid),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Admit;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.Admit")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Admit, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut sid__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Sid => {
                            if sid__.is_some() {
                                return Err(serde::de::Error::duplicate_field("sid"));
                            }
                            sid__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(Admit {
                    sid: sid__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.Admit", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Answer {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.to.is_empty() {
            len += 1;
        }
        if !self.from.is_empty() {
            len += 1;
        }
        if !self.negotiation_id.is_empty() {
            len += 1;
        }
        if !self.sdp.is_empty() {
            len += 1;
        }
        if self.seq != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.Answer", len)?;
        if !self.to.is_empty() {
            struct_ser.serialize_field("to", &self.to)?;
        }
        if !self.from.is_empty() {
            struct_ser.serialize_field("from", &self.from)?;
        }
        if !self.negotiation_id.is_empty() {
            struct_ser.serialize_field("negotiationId", &self.negotiation_id)?;
        }
        if !self.sdp.is_empty() {
            struct_ser.serialize_field("sdp", &self.sdp)?;
        }
        if self.seq != 0 {
            struct_ser.serialize_field("seq", &self.seq)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Answer {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "to",
            "from",
            "negotiation_id",
            "negotiationId",
            "sdp",
            "seq",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            To,
            From,
            NegotiationId,
            Sdp,
            Seq,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "to" => Ok(GeneratedField::To),
                            "from" => Ok(GeneratedField::From),
                            "negotiationId" | "negotiation_id" => Ok(GeneratedField::NegotiationId),
                            "sdp" => Ok(GeneratedField::Sdp),
                            "seq" => Ok(GeneratedField::Seq),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Answer;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.Answer")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Answer, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut to__ = None;
                let mut from__ = None;
                let mut negotiation_id__ = None;
                let mut sdp__ = None;
                let mut seq__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::To => {
                            if to__.is_some() {
                                return Err(serde::de::Error::duplicate_field("to"));
                            }
                            to__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::From => {
                            if from__.is_some() {
                                return Err(serde::de::Error::duplicate_field("from"));
                            }
                            from__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::NegotiationId => {
                            if negotiation_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("negotiationId"));
                            }
                            negotiation_id__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Sdp => {
                            if sdp__.is_some() {
                                return Err(serde::de::Error::duplicate_field("sdp"));
                            }
                            sdp__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Seq => {
                            if seq__.is_some() {
                                return Err(serde::de::Error::duplicate_field("seq"));
                            }
                            seq__ = 
                                Some(map_.next_value::<::std::option::Option<crate::json::Number<_>>>()?.map(|x| x.0).unwrap_or_default())
                            ;
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(Answer {
                    to: to__.unwrap_or_default(),
                    from: from__.unwrap_or_default(),
                    negotiation_id: negotiation_id__.unwrap_or_default(),
                    sdp: sdp__.unwrap_or_default(),
                    seq: seq__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.Answer", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Candidate {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.to.is_empty() {
            len += 1;
        }
        if !self.from.is_empty() {
            len += 1;
        }
        if !self.negotiation_id.is_empty() {
            len += 1;
        }
        if self.candidate.is_some() {
            len += 1;
        }
        if self.sdp_mid.is_some() {
            len += 1;
        }
        if self.sdp_m_line_index.is_some() {
            len += 1;
        }
        if self.username_fragment.is_some() {
            len += 1;
        }
        if self.seq != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.Candidate", len)?;
        if !self.to.is_empty() {
            struct_ser.serialize_field("to", &self.to)?;
        }
        if !self.from.is_empty() {
            struct_ser.serialize_field("from", &self.from)?;
        }
        if !self.negotiation_id.is_empty() {
            struct_ser.serialize_field("negotiationId", &self.negotiation_id)?;
        }
        if let Some(v) = self.candidate.as_ref() {
            struct_ser.serialize_field("candidate", v)?;
        }
        if let Some(v) = self.sdp_mid.as_ref() {
            struct_ser.serialize_field("sdpMid", v)?;
        }
        if let Some(v) = self.sdp_m_line_index.as_ref() {
            struct_ser.serialize_field("sdpMLineIndex", v)?;
        }
        if let Some(v) = self.username_fragment.as_ref() {
            struct_ser.serialize_field("usernameFragment", v)?;
        }
        if self.seq != 0 {
            struct_ser.serialize_field("seq", &self.seq)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Candidate {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "to",
            "from",
            "negotiation_id",
            "negotiationId",
            "candidate",
            "sdp_mid",
            "sdpMid",
            "sdp_m_line_index",
            "sdpMLineIndex",
            "username_fragment",
            "usernameFragment",
            "seq",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            To,
            From,
            NegotiationId,
            Candidate,
            SdpMid,
            SdpMLineIndex,
            UsernameFragment,
            Seq,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "to" => Ok(GeneratedField::To),
                            "from" => Ok(GeneratedField::From),
                            "negotiationId" | "negotiation_id" => Ok(GeneratedField::NegotiationId),
                            "candidate" => Ok(GeneratedField::Candidate),
                            "sdpMid" | "sdp_mid" => Ok(GeneratedField::SdpMid),
                            "sdpMLineIndex" | "sdp_m_line_index" => Ok(GeneratedField::SdpMLineIndex),
                            "usernameFragment" | "username_fragment" => Ok(GeneratedField::UsernameFragment),
                            "seq" => Ok(GeneratedField::Seq),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Candidate;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.Candidate")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Candidate, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut to__ = None;
                let mut from__ = None;
                let mut negotiation_id__ = None;
                let mut candidate__ = None;
                let mut sdp_mid__ = None;
                let mut sdp_m_line_index__ = None;
                let mut username_fragment__ = None;
                let mut seq__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::To => {
                            if to__.is_some() {
                                return Err(serde::de::Error::duplicate_field("to"));
                            }
                            to__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::From => {
                            if from__.is_some() {
                                return Err(serde::de::Error::duplicate_field("from"));
                            }
                            from__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::NegotiationId => {
                            if negotiation_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("negotiationId"));
                            }
                            negotiation_id__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Candidate => {
                            if candidate__.is_some() {
                                return Err(serde::de::Error::duplicate_field("candidate"));
                            }
                            candidate__ = map_.next_value()?;
                        }
                        GeneratedField::SdpMid => {
                            if sdp_mid__.is_some() {
                                return Err(serde::de::Error::duplicate_field("sdpMid"));
                            }
                            sdp_mid__ = map_.next_value()?;
                        }
                        GeneratedField::SdpMLineIndex => {
                            if sdp_m_line_index__.is_some() {
                                return Err(serde::de::Error::duplicate_field("sdpMLineIndex"));
                            }
                            sdp_m_line_index__ = 
                                map_.next_value::<::std::option::Option<crate::json::Number<_>>>()?.map(|x| x.0)
                            ;
                        }
                        GeneratedField::UsernameFragment => {
                            if username_fragment__.is_some() {
                                return Err(serde::de::Error::duplicate_field("usernameFragment"));
                            }
                            username_fragment__ = map_.next_value()?;
                        }
                        GeneratedField::Seq => {
                            if seq__.is_some() {
                                return Err(serde::de::Error::duplicate_field("seq"));
                            }
                            seq__ = 
                                Some(map_.next_value::<::std::option::Option<crate::json::Number<_>>>()?.map(|x| x.0).unwrap_or_default())
                            ;
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(Candidate {
                    to: to__.unwrap_or_default(),
                    from: from__.unwrap_or_default(),
                    negotiation_id: negotiation_id__.unwrap_or_default(),
                    candidate: candidate__,
                    sdp_mid: sdp_mid__,
                    sdp_m_line_index: sdp_m_line_index__,
                    username_fragment: username_fragment__,
                    seq: seq__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.Candidate", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ChatDeleted {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.id.is_empty() {
            len += 1;
        }
        if !self.by.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.ChatDeleted", len)?;
        if !self.id.is_empty() {
            struct_ser.serialize_field("id", &self.id)?;
        }
        if !self.by.is_empty() {
            struct_ser.serialize_field("by", &self.by)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ChatDeleted {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "id",
            "by",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Id,
            By,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "id" => Ok(GeneratedField::Id),
                            "by" => Ok(GeneratedField::By),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ChatDeleted;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.ChatDeleted")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ChatDeleted, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut id__ = None;
                let mut by__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Id => {
                            if id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("id"));
                            }
                            id__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::By => {
                            if by__.is_some() {
                                return Err(serde::de::Error::duplicate_field("by"));
                            }
                            by__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(ChatDeleted {
                    id: id__.unwrap_or_default(),
                    by: by__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.ChatDeleted", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ChatMessage {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.id.is_empty() {
            len += 1;
        }
        if !self.sid.is_empty() {
            len += 1;
        }
        if !self.identity.is_empty() {
            len += 1;
        }
        if !self.name.is_empty() {
            len += 1;
        }
        if !self.text.is_empty() {
            len += 1;
        }
        if self.sent_at_ms != 0. {
            len += 1;
        }
        if !self.to.is_empty() {
            len += 1;
        }
        if self.seq != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.ChatMessage", len)?;
        if !self.id.is_empty() {
            struct_ser.serialize_field("id", &self.id)?;
        }
        if !self.sid.is_empty() {
            struct_ser.serialize_field("sid", &self.sid)?;
        }
        if !self.identity.is_empty() {
            struct_ser.serialize_field("identity", &self.identity)?;
        }
        if !self.name.is_empty() {
            struct_ser.serialize_field("name", &self.name)?;
        }
        if !self.text.is_empty() {
            struct_ser.serialize_field("text", &self.text)?;
        }
        if self.sent_at_ms != 0. {
            struct_ser.serialize_field("sentAtMs", &crate::json::Double(self.sent_at_ms))?;
        }
        if !self.to.is_empty() {
            struct_ser.serialize_field("to", &self.to)?;
        }
        if self.seq != 0 {
            struct_ser.serialize_field("seq", &self.seq)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ChatMessage {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "id",
            "sid",
            "identity",
            "name",
            "text",
            "sent_at_ms",
            "sentAtMs",
            "to",
            "seq",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Id,
            Sid,
            Identity,
            Name,
            Text,
            SentAtMs,
            To,
            Seq,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "id" => Ok(GeneratedField::Id),
                            "sid" => Ok(GeneratedField::Sid),
                            "identity" => Ok(GeneratedField::Identity),
                            "name" => Ok(GeneratedField::Name),
                            "text" => Ok(GeneratedField::Text),
                            "sentAtMs" | "sent_at_ms" => Ok(GeneratedField::SentAtMs),
                            "to" => Ok(GeneratedField::To),
                            "seq" => Ok(GeneratedField::Seq),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ChatMessage;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.ChatMessage")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ChatMessage, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut id__ = None;
                let mut sid__ = None;
                let mut identity__ = None;
                let mut name__ = None;
                let mut text__ = None;
                let mut sent_at_ms__ = None;
                let mut to__ = None;
                let mut seq__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Id => {
                            if id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("id"));
                            }
                            id__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Sid => {
                            if sid__.is_some() {
                                return Err(serde::de::Error::duplicate_field("sid"));
                            }
                            sid__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Identity => {
                            if identity__.is_some() {
                                return Err(serde::de::Error::duplicate_field("identity"));
                            }
                            identity__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Name => {
                            if name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("name"));
                            }
                            name__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Text => {
                            if text__.is_some() {
                                return Err(serde::de::Error::duplicate_field("text"));
                            }
                            text__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::SentAtMs => {
                            if sent_at_ms__.is_some() {
                                return Err(serde::de::Error::duplicate_field("sentAtMs"));
                            }
                            sent_at_ms__ = 
                                Some(map_.next_value::<::std::option::Option<crate::json::Number<_>>>()?.map(|x| x.0).unwrap_or_default())
                            ;
                        }
                        GeneratedField::To => {
                            if to__.is_some() {
                                return Err(serde::de::Error::duplicate_field("to"));
                            }
                            to__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Seq => {
                            if seq__.is_some() {
                                return Err(serde::de::Error::duplicate_field("seq"));
                            }
                            seq__ = 
                                Some(map_.next_value::<::std::option::Option<crate::json::Number<_>>>()?.map(|x| x.0).unwrap_or_default())
                            ;
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(ChatMessage {
                    id: id__.unwrap_or_default(),
                    sid: sid__.unwrap_or_default(),
                    identity: identity__.unwrap_or_default(),
                    name: name__.unwrap_or_default(),
                    text: text__.unwrap_or_default(),
                    sent_at_ms: sent_at_ms__.unwrap_or_default(),
                    to: to__.unwrap_or_default(),
                    seq: seq__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.ChatMessage", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ClientFrame {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.seq != 0 {
            len += 1;
        }
        if !self.ack_cursor.is_empty() {
            len += 1;
        }
        if self.kind.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.ClientFrame", len)?;
        if self.seq != 0 {
            struct_ser.serialize_field("seq", &self.seq)?;
        }
        if !self.ack_cursor.is_empty() {
            struct_ser.serialize_field("ackCursor", &self.ack_cursor)?;
        }
        if let Some(v) = self.kind.as_ref() {
            match v {
                client_frame::Kind::Join(v) => {
                    struct_ser.serialize_field("join", v)?;
                }
                client_frame::Kind::Resume(v) => {
                    struct_ser.serialize_field("resume", v)?;
                }
                client_frame::Kind::Leave(v) => {
                    struct_ser.serialize_field("leave", v)?;
                }
                client_frame::Kind::Offer(v) => {
                    struct_ser.serialize_field("offer", v)?;
                }
                client_frame::Kind::Answer(v) => {
                    struct_ser.serialize_field("answer", v)?;
                }
                client_frame::Kind::Candidate(v) => {
                    struct_ser.serialize_field("candidate", v)?;
                }
                client_frame::Kind::Chat(v) => {
                    struct_ser.serialize_field("chat", v)?;
                }
                client_frame::Kind::Data(v) => {
                    struct_ser.serialize_field("data", v)?;
                }
                client_frame::Kind::Update(v) => {
                    struct_ser.serialize_field("update", v)?;
                }
                client_frame::Kind::Publish(v) => {
                    struct_ser.serialize_field("publish", v)?;
                }
                client_frame::Kind::Unpublish(v) => {
                    struct_ser.serialize_field("unpublish", v)?;
                }
                client_frame::Kind::Kick(v) => {
                    struct_ser.serialize_field("kick", v)?;
                }
                client_frame::Kind::Mute(v) => {
                    struct_ser.serialize_field("mute", v)?;
                }
                client_frame::Kind::Admit(v) => {
                    struct_ser.serialize_field("admit", v)?;
                }
                client_frame::Kind::Refuse(v) => {
                    struct_ser.serialize_field("refuse", v)?;
                }
                client_frame::Kind::SetRole(v) => {
                    struct_ser.serialize_field("setRole", v)?;
                }
                client_frame::Kind::UpdateRoom(v) => {
                    struct_ser.serialize_field("updateRoom", v)?;
                }
                client_frame::Kind::DeleteChat(v) => {
                    struct_ser.serialize_field("deleteChat", v)?;
                }
                client_frame::Kind::EndRoom(v) => {
                    struct_ser.serialize_field("endRoom", v)?;
                }
                client_frame::Kind::RefreshIceServers(v) => {
                    struct_ser.serialize_field("refreshIceServers", v)?;
                }
                client_frame::Kind::Ack(v) => {
                    struct_ser.serialize_field("ack", v)?;
                }
                client_frame::Kind::Ping(v) => {
                    struct_ser.serialize_field("ping", v)?;
                }
                client_frame::Kind::RefreshToken(v) => {
                    struct_ser.serialize_field("refreshToken", v)?;
                }
            }
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ClientFrame {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "seq",
            "ack_cursor",
            "ackCursor",
            "join",
            "resume",
            "leave",
            "offer",
            "answer",
            "candidate",
            "chat",
            "data",
            "update",
            "publish",
            "unpublish",
            "kick",
            "mute",
            "admit",
            "refuse",
            "set_role",
            "setRole",
            "update_room",
            "updateRoom",
            "delete_chat",
            "deleteChat",
            "end_room",
            "endRoom",
            "refresh_ice_servers",
            "refreshIceServers",
            "ack",
            "ping",
            "refresh_token",
            "refreshToken",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Seq,
            AckCursor,
            Join,
            Resume,
            Leave,
            Offer,
            Answer,
            Candidate,
            Chat,
            Data,
            Update,
            Publish,
            Unpublish,
            Kick,
            Mute,
            Admit,
            Refuse,
            SetRole,
            UpdateRoom,
            DeleteChat,
            EndRoom,
            RefreshIceServers,
            Ack,
            Ping,
            RefreshToken,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "seq" => Ok(GeneratedField::Seq),
                            "ackCursor" | "ack_cursor" => Ok(GeneratedField::AckCursor),
                            "join" => Ok(GeneratedField::Join),
                            "resume" => Ok(GeneratedField::Resume),
                            "leave" => Ok(GeneratedField::Leave),
                            "offer" => Ok(GeneratedField::Offer),
                            "answer" => Ok(GeneratedField::Answer),
                            "candidate" => Ok(GeneratedField::Candidate),
                            "chat" => Ok(GeneratedField::Chat),
                            "data" => Ok(GeneratedField::Data),
                            "update" => Ok(GeneratedField::Update),
                            "publish" => Ok(GeneratedField::Publish),
                            "unpublish" => Ok(GeneratedField::Unpublish),
                            "kick" => Ok(GeneratedField::Kick),
                            "mute" => Ok(GeneratedField::Mute),
                            "admit" => Ok(GeneratedField::Admit),
                            "refuse" => Ok(GeneratedField::Refuse),
                            "setRole" | "set_role" => Ok(GeneratedField::SetRole),
                            "updateRoom" | "update_room" => Ok(GeneratedField::UpdateRoom),
                            "deleteChat" | "delete_chat" => Ok(GeneratedField::DeleteChat),
                            "endRoom" | "end_room" => Ok(GeneratedField::EndRoom),
                            "refreshIceServers" | "refresh_ice_servers" => Ok(GeneratedField::RefreshIceServers),
                            "ack" => Ok(GeneratedField::Ack),
                            "ping" => Ok(GeneratedField::Ping),
                            "refreshToken" | "refresh_token" => Ok(GeneratedField::RefreshToken),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ClientFrame;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.ClientFrame")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ClientFrame, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut seq__ = None;
                let mut ack_cursor__ = None;
                let mut kind__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Seq => {
                            if seq__.is_some() {
                                return Err(serde::de::Error::duplicate_field("seq"));
                            }
                            seq__ = 
                                Some(map_.next_value::<::std::option::Option<crate::json::Number<_>>>()?.map(|x| x.0).unwrap_or_default())
                            ;
                        }
                        GeneratedField::AckCursor => {
                            if ack_cursor__.is_some() {
                                return Err(serde::de::Error::duplicate_field("ackCursor"));
                            }
                            ack_cursor__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Join => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("join"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(client_frame::Kind::Join)
;
                        }
                        GeneratedField::Resume => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("resume"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(client_frame::Kind::Resume)
;
                        }
                        GeneratedField::Leave => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("leave"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(client_frame::Kind::Leave)
;
                        }
                        GeneratedField::Offer => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("offer"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(client_frame::Kind::Offer)
;
                        }
                        GeneratedField::Answer => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("answer"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(client_frame::Kind::Answer)
;
                        }
                        GeneratedField::Candidate => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("candidate"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(client_frame::Kind::Candidate)
;
                        }
                        GeneratedField::Chat => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("chat"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(client_frame::Kind::Chat)
;
                        }
                        GeneratedField::Data => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("data"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(client_frame::Kind::Data)
;
                        }
                        GeneratedField::Update => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("update"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(client_frame::Kind::Update)
;
                        }
                        GeneratedField::Publish => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("publish"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(client_frame::Kind::Publish)
;
                        }
                        GeneratedField::Unpublish => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("unpublish"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(client_frame::Kind::Unpublish)
;
                        }
                        GeneratedField::Kick => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("kick"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(client_frame::Kind::Kick)
;
                        }
                        GeneratedField::Mute => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("mute"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(client_frame::Kind::Mute)
;
                        }
                        GeneratedField::Admit => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("admit"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(client_frame::Kind::Admit)
;
                        }
                        GeneratedField::Refuse => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("refuse"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(client_frame::Kind::Refuse)
;
                        }
                        GeneratedField::SetRole => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("setRole"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(client_frame::Kind::SetRole)
;
                        }
                        GeneratedField::UpdateRoom => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("updateRoom"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(client_frame::Kind::UpdateRoom)
;
                        }
                        GeneratedField::DeleteChat => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("deleteChat"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(client_frame::Kind::DeleteChat)
;
                        }
                        GeneratedField::EndRoom => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("endRoom"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(client_frame::Kind::EndRoom)
;
                        }
                        GeneratedField::RefreshIceServers => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("refreshIceServers"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(client_frame::Kind::RefreshIceServers)
;
                        }
                        GeneratedField::Ack => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("ack"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(client_frame::Kind::Ack)
;
                        }
                        GeneratedField::Ping => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("ping"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(client_frame::Kind::Ping)
;
                        }
                        GeneratedField::RefreshToken => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("refreshToken"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(client_frame::Kind::RefreshToken)
;
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(ClientFrame {
                    seq: seq__.unwrap_or_default(),
                    ack_cursor: ack_cursor__.unwrap_or_default(),
                    kind: kind__,
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.ClientFrame", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Data {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.payload.is_empty() {
            len += 1;
        }
        if !self.topic.is_empty() {
            len += 1;
        }
        if !self.to.is_empty() {
            len += 1;
        }
        if self.lossy {
            len += 1;
        }
        if !self.from.is_empty() {
            len += 1;
        }
        if self.seq != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.Data", len)?;
        if !self.payload.is_empty() {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("payload", pbjson::private::base64::encode(&self.payload).as_str())?;
        }
        if !self.topic.is_empty() {
            struct_ser.serialize_field("topic", &self.topic)?;
        }
        if !self.to.is_empty() {
            struct_ser.serialize_field("to", &self.to)?;
        }
        if self.lossy {
            struct_ser.serialize_field("lossy", &self.lossy)?;
        }
        if !self.from.is_empty() {
            struct_ser.serialize_field("from", &self.from)?;
        }
        if self.seq != 0 {
            struct_ser.serialize_field("seq", &self.seq)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Data {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "payload",
            "topic",
            "to",
            "lossy",
            "from",
            "seq",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Payload,
            Topic,
            To,
            Lossy,
            From,
            Seq,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "payload" => Ok(GeneratedField::Payload),
                            "topic" => Ok(GeneratedField::Topic),
                            "to" => Ok(GeneratedField::To),
                            "lossy" => Ok(GeneratedField::Lossy),
                            "from" => Ok(GeneratedField::From),
                            "seq" => Ok(GeneratedField::Seq),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Data;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.Data")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Data, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut payload__ = None;
                let mut topic__ = None;
                let mut to__ = None;
                let mut lossy__ = None;
                let mut from__ = None;
                let mut seq__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Payload => {
                            if payload__.is_some() {
                                return Err(serde::de::Error::duplicate_field("payload"));
                            }
                            payload__ = 
                                Some(map_.next_value::<::std::option::Option<::pbjson::private::BytesDeserialize<_>>>()?.map(|x| x.0).unwrap_or_default())
                            ;
                        }
                        GeneratedField::Topic => {
                            if topic__.is_some() {
                                return Err(serde::de::Error::duplicate_field("topic"));
                            }
                            topic__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::To => {
                            if to__.is_some() {
                                return Err(serde::de::Error::duplicate_field("to"));
                            }
                            to__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Lossy => {
                            if lossy__.is_some() {
                                return Err(serde::de::Error::duplicate_field("lossy"));
                            }
                            lossy__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::From => {
                            if from__.is_some() {
                                return Err(serde::de::Error::duplicate_field("from"));
                            }
                            from__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Seq => {
                            if seq__.is_some() {
                                return Err(serde::de::Error::duplicate_field("seq"));
                            }
                            seq__ = 
                                Some(map_.next_value::<::std::option::Option<crate::json::Number<_>>>()?.map(|x| x.0).unwrap_or_default())
                            ;
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(Data {
                    payload: payload__.unwrap_or_default(),
                    topic: topic__.unwrap_or_default(),
                    to: to__.unwrap_or_default(),
                    lossy: lossy__.unwrap_or_default(),
                    from: from__.unwrap_or_default(),
                    seq: seq__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.Data", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for DeleteChat {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.id.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.DeleteChat", len)?;
        if !self.id.is_empty() {
            struct_ser.serialize_field("id", &self.id)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for DeleteChat {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "id",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Id,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "id" => Ok(GeneratedField::Id),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = DeleteChat;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.DeleteChat")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<DeleteChat, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut id__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Id => {
                            if id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("id"));
                            }
                            id__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(DeleteChat {
                    id: id__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.DeleteChat", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for EndRoom {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.reason.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.EndRoom", len)?;
        if !self.reason.is_empty() {
            struct_ser.serialize_field("reason", &self.reason)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for EndRoom {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "reason",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Reason,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "reason" => Ok(GeneratedField::Reason),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = EndRoom;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.EndRoom")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<EndRoom, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut reason__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Reason => {
                            if reason__.is_some() {
                                return Err(serde::de::Error::duplicate_field("reason"));
                            }
                            reason__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(EndRoom {
                    reason: reason__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.EndRoom", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Error {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.code.is_empty() {
            len += 1;
        }
        if !self.message.is_empty() {
            len += 1;
        }
        if self.seq != 0 {
            len += 1;
        }
        if self.retry_after_ms.is_some() {
            len += 1;
        }
        if !self.field.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.Error", len)?;
        if !self.code.is_empty() {
            struct_ser.serialize_field("code", &self.code)?;
        }
        if !self.message.is_empty() {
            struct_ser.serialize_field("message", &self.message)?;
        }
        if self.seq != 0 {
            struct_ser.serialize_field("seq", &self.seq)?;
        }
        if let Some(v) = self.retry_after_ms.as_ref() {
            struct_ser.serialize_field("retryAfterMs", v)?;
        }
        if !self.field.is_empty() {
            struct_ser.serialize_field("field", &self.field)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Error {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "code",
            "message",
            "seq",
            "retry_after_ms",
            "retryAfterMs",
            "field",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Code,
            Message,
            Seq,
            RetryAfterMs,
            Field,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "code" => Ok(GeneratedField::Code),
                            "message" => Ok(GeneratedField::Message),
                            "seq" => Ok(GeneratedField::Seq),
                            "retryAfterMs" | "retry_after_ms" => Ok(GeneratedField::RetryAfterMs),
                            "field" => Ok(GeneratedField::Field),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Error;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.Error")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Error, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut code__ = None;
                let mut message__ = None;
                let mut seq__ = None;
                let mut retry_after_ms__ = None;
                let mut field__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Code => {
                            if code__.is_some() {
                                return Err(serde::de::Error::duplicate_field("code"));
                            }
                            code__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Message => {
                            if message__.is_some() {
                                return Err(serde::de::Error::duplicate_field("message"));
                            }
                            message__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Seq => {
                            if seq__.is_some() {
                                return Err(serde::de::Error::duplicate_field("seq"));
                            }
                            seq__ = 
                                Some(map_.next_value::<::std::option::Option<crate::json::Number<_>>>()?.map(|x| x.0).unwrap_or_default())
                            ;
                        }
                        GeneratedField::RetryAfterMs => {
                            if retry_after_ms__.is_some() {
                                return Err(serde::de::Error::duplicate_field("retryAfterMs"));
                            }
                            retry_after_ms__ = 
                                map_.next_value::<::std::option::Option<crate::json::Number<_>>>()?.map(|x| x.0)
                            ;
                        }
                        GeneratedField::Field => {
                            if field__.is_some() {
                                return Err(serde::de::Error::duplicate_field("field"));
                            }
                            field__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(Error {
                    code: code__.unwrap_or_default(),
                    message: message__.unwrap_or_default(),
                    seq: seq__.unwrap_or_default(),
                    retry_after_ms: retry_after_ms__,
                    field: field__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.Error", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for GoAway {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.retry_after_ms != 0 {
            len += 1;
        }
        if !self.reason.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.GoAway", len)?;
        if self.retry_after_ms != 0 {
            struct_ser.serialize_field("retryAfterMs", &self.retry_after_ms)?;
        }
        if !self.reason.is_empty() {
            struct_ser.serialize_field("reason", &self.reason)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for GoAway {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "retry_after_ms",
            "retryAfterMs",
            "reason",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            RetryAfterMs,
            Reason,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "retryAfterMs" | "retry_after_ms" => Ok(GeneratedField::RetryAfterMs),
                            "reason" => Ok(GeneratedField::Reason),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = GoAway;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.GoAway")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<GoAway, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut retry_after_ms__ = None;
                let mut reason__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::RetryAfterMs => {
                            if retry_after_ms__.is_some() {
                                return Err(serde::de::Error::duplicate_field("retryAfterMs"));
                            }
                            retry_after_ms__ = 
                                Some(map_.next_value::<::std::option::Option<crate::json::Number<_>>>()?.map(|x| x.0).unwrap_or_default())
                            ;
                        }
                        GeneratedField::Reason => {
                            if reason__.is_some() {
                                return Err(serde::de::Error::duplicate_field("reason"));
                            }
                            reason__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(GoAway {
                    retry_after_ms: retry_after_ms__.unwrap_or_default(),
                    reason: reason__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.GoAway", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for IceServer {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.urls.is_empty() {
            len += 1;
        }
        if self.username.is_some() {
            len += 1;
        }
        if self.credential.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.IceServer", len)?;
        if !self.urls.is_empty() {
            struct_ser.serialize_field("urls", &self.urls)?;
        }
        if let Some(v) = self.username.as_ref() {
            struct_ser.serialize_field("username", v)?;
        }
        if let Some(v) = self.credential.as_ref() {
            struct_ser.serialize_field("credential", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for IceServer {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "urls",
            "username",
            "credential",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Urls,
            Username,
            Credential,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "urls" => Ok(GeneratedField::Urls),
                            "username" => Ok(GeneratedField::Username),
                            "credential" => Ok(GeneratedField::Credential),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = IceServer;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.IceServer")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<IceServer, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut urls__ = None;
                let mut username__ = None;
                let mut credential__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Urls => {
                            if urls__.is_some() {
                                return Err(serde::de::Error::duplicate_field("urls"));
                            }
                            urls__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Username => {
                            if username__.is_some() {
                                return Err(serde::de::Error::duplicate_field("username"));
                            }
                            username__ = map_.next_value()?;
                        }
                        GeneratedField::Credential => {
                            if credential__.is_some() {
                                return Err(serde::de::Error::duplicate_field("credential"));
                            }
                            credential__ = map_.next_value()?;
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(IceServer {
                    urls: urls__.unwrap_or_default(),
                    username: username__,
                    credential: credential__,
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.IceServer", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for IceServers {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.ice_servers.is_empty() {
            len += 1;
        }
        if self.refresh_after != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.IceServers", len)?;
        if !self.ice_servers.is_empty() {
            struct_ser.serialize_field("iceServers", &self.ice_servers)?;
        }
        if self.refresh_after != 0 {
            struct_ser.serialize_field("refreshAfter", &self.refresh_after)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for IceServers {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "ice_servers",
            "iceServers",
            "refresh_after",
            "refreshAfter",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            IceServers,
            RefreshAfter,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "iceServers" | "ice_servers" => Ok(GeneratedField::IceServers),
                            "refreshAfter" | "refresh_after" => Ok(GeneratedField::RefreshAfter),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = IceServers;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.IceServers")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<IceServers, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut ice_servers__ = None;
                let mut refresh_after__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::IceServers => {
                            if ice_servers__.is_some() {
                                return Err(serde::de::Error::duplicate_field("iceServers"));
                            }
                            ice_servers__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::RefreshAfter => {
                            if refresh_after__.is_some() {
                                return Err(serde::de::Error::duplicate_field("refreshAfter"));
                            }
                            refresh_after__ = 
                                Some(map_.next_value::<::std::option::Option<crate::json::Number<_>>>()?.map(|x| x.0).unwrap_or_default())
                            ;
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(IceServers {
                    ice_servers: ice_servers__.unwrap_or_default(),
                    refresh_after: refresh_after__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.IceServers", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Join {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.room.is_empty() {
            len += 1;
        }
        if self.name.is_some() {
            len += 1;
        }
        if self.metadata.is_some() {
            len += 1;
        }
        if !self.attributes.is_empty() {
            len += 1;
        }
        if !self.capabilities.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.Join", len)?;
        if !self.room.is_empty() {
            struct_ser.serialize_field("room", &self.room)?;
        }
        if let Some(v) = self.name.as_ref() {
            struct_ser.serialize_field("name", v)?;
        }
        if let Some(v) = self.metadata.as_ref() {
            struct_ser.serialize_field("metadata", v)?;
        }
        if !self.attributes.is_empty() {
            struct_ser.serialize_field("attributes", &self.attributes)?;
        }
        if !self.capabilities.is_empty() {
            struct_ser.serialize_field("capabilities", &self.capabilities)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Join {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "room",
            "name",
            "metadata",
            "attributes",
            "capabilities",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Room,
            Name,
            Metadata,
            Attributes,
            Capabilities,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "room" => Ok(GeneratedField::Room),
                            "name" => Ok(GeneratedField::Name),
                            "metadata" => Ok(GeneratedField::Metadata),
                            "attributes" => Ok(GeneratedField::Attributes),
                            "capabilities" => Ok(GeneratedField::Capabilities),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Join;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.Join")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Join, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut room__ = None;
                let mut name__ = None;
                let mut metadata__ = None;
                let mut attributes__ = None;
                let mut capabilities__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Room => {
                            if room__.is_some() {
                                return Err(serde::de::Error::duplicate_field("room"));
                            }
                            room__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Name => {
                            if name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("name"));
                            }
                            name__ = map_.next_value()?;
                        }
                        GeneratedField::Metadata => {
                            if metadata__.is_some() {
                                return Err(serde::de::Error::duplicate_field("metadata"));
                            }
                            metadata__ = map_.next_value()?;
                        }
                        GeneratedField::Attributes => {
                            if attributes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("attributes"));
                            }
                            attributes__ = Some(
                                map_.next_value::<::std::option::Option<crate::json::StringMap<_>>>()?.unwrap_or_default().0
                            );
                        }
                        GeneratedField::Capabilities => {
                            if capabilities__.is_some() {
                                return Err(serde::de::Error::duplicate_field("capabilities"));
                            }
                            capabilities__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(Join {
                    room: room__.unwrap_or_default(),
                    name: name__,
                    metadata: metadata__,
                    attributes: attributes__.unwrap_or_default(),
                    capabilities: capabilities__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.Join", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Joined {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.sid.is_empty() {
            len += 1;
        }
        if !self.resume_token.is_empty() {
            len += 1;
        }
        if self.waiting {
            len += 1;
        }
        if self.snapshot.is_some() {
            len += 1;
        }
        if self.ice_servers.is_some() {
            len += 1;
        }
        if self.limits.is_some() {
            len += 1;
        }
        if !self.capabilities.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.Joined", len)?;
        if !self.sid.is_empty() {
            struct_ser.serialize_field("sid", &self.sid)?;
        }
        if !self.resume_token.is_empty() {
            struct_ser.serialize_field("resumeToken", &self.resume_token)?;
        }
        if self.waiting {
            struct_ser.serialize_field("waiting", &self.waiting)?;
        }
        if let Some(v) = self.snapshot.as_ref() {
            struct_ser.serialize_field("snapshot", v)?;
        }
        if let Some(v) = self.ice_servers.as_ref() {
            struct_ser.serialize_field("iceServers", v)?;
        }
        if let Some(v) = self.limits.as_ref() {
            struct_ser.serialize_field("limits", v)?;
        }
        if !self.capabilities.is_empty() {
            struct_ser.serialize_field("capabilities", &self.capabilities)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Joined {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "sid",
            "resume_token",
            "resumeToken",
            "waiting",
            "snapshot",
            "ice_servers",
            "iceServers",
            "limits",
            "capabilities",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Sid,
            ResumeToken,
            Waiting,
            Snapshot,
            IceServers,
            Limits,
            Capabilities,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "sid" => Ok(GeneratedField::Sid),
                            "resumeToken" | "resume_token" => Ok(GeneratedField::ResumeToken),
                            "waiting" => Ok(GeneratedField::Waiting),
                            "snapshot" => Ok(GeneratedField::Snapshot),
                            "iceServers" | "ice_servers" => Ok(GeneratedField::IceServers),
                            "limits" => Ok(GeneratedField::Limits),
                            "capabilities" => Ok(GeneratedField::Capabilities),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Joined;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.Joined")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Joined, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut sid__ = None;
                let mut resume_token__ = None;
                let mut waiting__ = None;
                let mut snapshot__ = None;
                let mut ice_servers__ = None;
                let mut limits__ = None;
                let mut capabilities__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Sid => {
                            if sid__.is_some() {
                                return Err(serde::de::Error::duplicate_field("sid"));
                            }
                            sid__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::ResumeToken => {
                            if resume_token__.is_some() {
                                return Err(serde::de::Error::duplicate_field("resumeToken"));
                            }
                            resume_token__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Waiting => {
                            if waiting__.is_some() {
                                return Err(serde::de::Error::duplicate_field("waiting"));
                            }
                            waiting__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Snapshot => {
                            if snapshot__.is_some() {
                                return Err(serde::de::Error::duplicate_field("snapshot"));
                            }
                            snapshot__ = map_.next_value()?;
                        }
                        GeneratedField::IceServers => {
                            if ice_servers__.is_some() {
                                return Err(serde::de::Error::duplicate_field("iceServers"));
                            }
                            ice_servers__ = map_.next_value()?;
                        }
                        GeneratedField::Limits => {
                            if limits__.is_some() {
                                return Err(serde::de::Error::duplicate_field("limits"));
                            }
                            limits__ = map_.next_value()?;
                        }
                        GeneratedField::Capabilities => {
                            if capabilities__.is_some() {
                                return Err(serde::de::Error::duplicate_field("capabilities"));
                            }
                            capabilities__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(Joined {
                    sid: sid__.unwrap_or_default(),
                    resume_token: resume_token__.unwrap_or_default(),
                    waiting: waiting__.unwrap_or_default(),
                    snapshot: snapshot__,
                    ice_servers: ice_servers__,
                    limits: limits__,
                    capabilities: capabilities__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.Joined", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Kick {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.sid.is_empty() {
            len += 1;
        }
        if !self.reason.is_empty() {
            len += 1;
        }
        if self.allow_rejoin {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.Kick", len)?;
        if !self.sid.is_empty() {
            struct_ser.serialize_field("sid", &self.sid)?;
        }
        if !self.reason.is_empty() {
            struct_ser.serialize_field("reason", &self.reason)?;
        }
        if self.allow_rejoin {
            struct_ser.serialize_field("allowRejoin", &self.allow_rejoin)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Kick {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "sid",
            "reason",
            "allow_rejoin",
            "allowRejoin",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Sid,
            Reason,
            AllowRejoin,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "sid" => Ok(GeneratedField::Sid),
                            "reason" => Ok(GeneratedField::Reason),
                            "allowRejoin" | "allow_rejoin" => Ok(GeneratedField::AllowRejoin),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Kick;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.Kick")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Kick, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut sid__ = None;
                let mut reason__ = None;
                let mut allow_rejoin__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Sid => {
                            if sid__.is_some() {
                                return Err(serde::de::Error::duplicate_field("sid"));
                            }
                            sid__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Reason => {
                            if reason__.is_some() {
                                return Err(serde::de::Error::duplicate_field("reason"));
                            }
                            reason__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::AllowRejoin => {
                            if allow_rejoin__.is_some() {
                                return Err(serde::de::Error::duplicate_field("allowRejoin"));
                            }
                            allow_rejoin__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(Kick {
                    sid: sid__.unwrap_or_default(),
                    reason: reason__.unwrap_or_default(),
                    allow_rejoin: allow_rejoin__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.Kick", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Leave {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let len = 0;
        let struct_ser = serializer.serialize_struct("antiphon.v1.Leave", len)?;
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Leave {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                            Ok(GeneratedField::__SkipField__)
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Leave;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.Leave")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Leave, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                while map_.next_key::<GeneratedField>()?.is_some() {
                    let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                }
                Ok(Leave {
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.Leave", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Left {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.reason != 0 {
            len += 1;
        }
        if !self.message.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.Left", len)?;
        if self.reason != 0 {
            let v = crate::json::OpenEnum::<left::Reason>::new(self.reason);
            struct_ser.serialize_field("reason", &v)?;
        }
        if !self.message.is_empty() {
            struct_ser.serialize_field("message", &self.message)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Left {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "reason",
            "message",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Reason,
            Message,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "reason" => Ok(GeneratedField::Reason),
                            "message" => Ok(GeneratedField::Message),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Left;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.Left")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Left, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut reason__ = None;
                let mut message__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Reason => {
                            if reason__.is_some() {
                                return Err(serde::de::Error::duplicate_field("reason"));
                            }
                            reason__ = Some(map_.next_value::<::std::option::Option<crate::json::OpenEnum<left::Reason>>>()?.and_then(crate::json::OpenEnum::number).unwrap_or_default());
                        }
                        GeneratedField::Message => {
                            if message__.is_some() {
                                return Err(serde::de::Error::duplicate_field("message"));
                            }
                            message__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(Left {
                    reason: reason__.unwrap_or_default(),
                    message: message__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.Left", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for left::Reason {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "REASON_UNSPECIFIED",
            Self::ClientLeft => "CLIENT_LEFT",
            Self::Kicked => "KICKED",
            Self::DuplicateIdentity => "DUPLICATE_IDENTITY",
            Self::RoomEnded => "ROOM_ENDED",
            Self::TokenExpired => "TOKEN_EXPIRED",
            Self::Refused => "REFUSED",
            Self::ResumeTimeout => "RESUME_TIMEOUT",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for left::Reason {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "REASON_UNSPECIFIED",
            "CLIENT_LEFT",
            "KICKED",
            "DUPLICATE_IDENTITY",
            "ROOM_ENDED",
            "TOKEN_EXPIRED",
            "REFUSED",
            "RESUME_TIMEOUT",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = left::Reason;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "REASON_UNSPECIFIED" => Ok(left::Reason::Unspecified),
                    "CLIENT_LEFT" => Ok(left::Reason::ClientLeft),
                    "KICKED" => Ok(left::Reason::Kicked),
                    "DUPLICATE_IDENTITY" => Ok(left::Reason::DuplicateIdentity),
                    "ROOM_ENDED" => Ok(left::Reason::RoomEnded),
                    "TOKEN_EXPIRED" => Ok(left::Reason::TokenExpired),
                    "REFUSED" => Ok(left::Reason::Refused),
                    "RESUME_TIMEOUT" => Ok(left::Reason::ResumeTimeout),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for Limits {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.max_message_bytes != 0 {
            len += 1;
        }
        if self.max_sdp_bytes != 0 {
            len += 1;
        }
        if self.max_chat_bytes != 0 {
            len += 1;
        }
        if self.max_metadata_bytes != 0 {
            len += 1;
        }
        if self.max_tracks != 0 {
            len += 1;
        }
        if self.messages_per_second != 0 {
            len += 1;
        }
        if self.burst != 0 {
            len += 1;
        }
        if self.ping_interval_ms != 0 {
            len += 1;
        }
        if self.resume_window_ms != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.Limits", len)?;
        if self.max_message_bytes != 0 {
            struct_ser.serialize_field("maxMessageBytes", &self.max_message_bytes)?;
        }
        if self.max_sdp_bytes != 0 {
            struct_ser.serialize_field("maxSdpBytes", &self.max_sdp_bytes)?;
        }
        if self.max_chat_bytes != 0 {
            struct_ser.serialize_field("maxChatBytes", &self.max_chat_bytes)?;
        }
        if self.max_metadata_bytes != 0 {
            struct_ser.serialize_field("maxMetadataBytes", &self.max_metadata_bytes)?;
        }
        if self.max_tracks != 0 {
            struct_ser.serialize_field("maxTracks", &self.max_tracks)?;
        }
        if self.messages_per_second != 0 {
            struct_ser.serialize_field("messagesPerSecond", &self.messages_per_second)?;
        }
        if self.burst != 0 {
            struct_ser.serialize_field("burst", &self.burst)?;
        }
        if self.ping_interval_ms != 0 {
            struct_ser.serialize_field("pingIntervalMs", &self.ping_interval_ms)?;
        }
        if self.resume_window_ms != 0 {
            struct_ser.serialize_field("resumeWindowMs", &self.resume_window_ms)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Limits {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "max_message_bytes",
            "maxMessageBytes",
            "max_sdp_bytes",
            "maxSdpBytes",
            "max_chat_bytes",
            "maxChatBytes",
            "max_metadata_bytes",
            "maxMetadataBytes",
            "max_tracks",
            "maxTracks",
            "messages_per_second",
            "messagesPerSecond",
            "burst",
            "ping_interval_ms",
            "pingIntervalMs",
            "resume_window_ms",
            "resumeWindowMs",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            MaxMessageBytes,
            MaxSdpBytes,
            MaxChatBytes,
            MaxMetadataBytes,
            MaxTracks,
            MessagesPerSecond,
            Burst,
            PingIntervalMs,
            ResumeWindowMs,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "maxMessageBytes" | "max_message_bytes" => Ok(GeneratedField::MaxMessageBytes),
                            "maxSdpBytes" | "max_sdp_bytes" => Ok(GeneratedField::MaxSdpBytes),
                            "maxChatBytes" | "max_chat_bytes" => Ok(GeneratedField::MaxChatBytes),
                            "maxMetadataBytes" | "max_metadata_bytes" => Ok(GeneratedField::MaxMetadataBytes),
                            "maxTracks" | "max_tracks" => Ok(GeneratedField::MaxTracks),
                            "messagesPerSecond" | "messages_per_second" => Ok(GeneratedField::MessagesPerSecond),
                            "burst" => Ok(GeneratedField::Burst),
                            "pingIntervalMs" | "ping_interval_ms" => Ok(GeneratedField::PingIntervalMs),
                            "resumeWindowMs" | "resume_window_ms" => Ok(GeneratedField::ResumeWindowMs),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Limits;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.Limits")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Limits, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut max_message_bytes__ = None;
                let mut max_sdp_bytes__ = None;
                let mut max_chat_bytes__ = None;
                let mut max_metadata_bytes__ = None;
                let mut max_tracks__ = None;
                let mut messages_per_second__ = None;
                let mut burst__ = None;
                let mut ping_interval_ms__ = None;
                let mut resume_window_ms__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::MaxMessageBytes => {
                            if max_message_bytes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("maxMessageBytes"));
                            }
                            max_message_bytes__ = 
                                Some(map_.next_value::<::std::option::Option<crate::json::Number<_>>>()?.map(|x| x.0).unwrap_or_default())
                            ;
                        }
                        GeneratedField::MaxSdpBytes => {
                            if max_sdp_bytes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("maxSdpBytes"));
                            }
                            max_sdp_bytes__ = 
                                Some(map_.next_value::<::std::option::Option<crate::json::Number<_>>>()?.map(|x| x.0).unwrap_or_default())
                            ;
                        }
                        GeneratedField::MaxChatBytes => {
                            if max_chat_bytes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("maxChatBytes"));
                            }
                            max_chat_bytes__ = 
                                Some(map_.next_value::<::std::option::Option<crate::json::Number<_>>>()?.map(|x| x.0).unwrap_or_default())
                            ;
                        }
                        GeneratedField::MaxMetadataBytes => {
                            if max_metadata_bytes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("maxMetadataBytes"));
                            }
                            max_metadata_bytes__ = 
                                Some(map_.next_value::<::std::option::Option<crate::json::Number<_>>>()?.map(|x| x.0).unwrap_or_default())
                            ;
                        }
                        GeneratedField::MaxTracks => {
                            if max_tracks__.is_some() {
                                return Err(serde::de::Error::duplicate_field("maxTracks"));
                            }
                            max_tracks__ = 
                                Some(map_.next_value::<::std::option::Option<crate::json::Number<_>>>()?.map(|x| x.0).unwrap_or_default())
                            ;
                        }
                        GeneratedField::MessagesPerSecond => {
                            if messages_per_second__.is_some() {
                                return Err(serde::de::Error::duplicate_field("messagesPerSecond"));
                            }
                            messages_per_second__ = 
                                Some(map_.next_value::<::std::option::Option<crate::json::Number<_>>>()?.map(|x| x.0).unwrap_or_default())
                            ;
                        }
                        GeneratedField::Burst => {
                            if burst__.is_some() {
                                return Err(serde::de::Error::duplicate_field("burst"));
                            }
                            burst__ = 
                                Some(map_.next_value::<::std::option::Option<crate::json::Number<_>>>()?.map(|x| x.0).unwrap_or_default())
                            ;
                        }
                        GeneratedField::PingIntervalMs => {
                            if ping_interval_ms__.is_some() {
                                return Err(serde::de::Error::duplicate_field("pingIntervalMs"));
                            }
                            ping_interval_ms__ = 
                                Some(map_.next_value::<::std::option::Option<crate::json::Number<_>>>()?.map(|x| x.0).unwrap_or_default())
                            ;
                        }
                        GeneratedField::ResumeWindowMs => {
                            if resume_window_ms__.is_some() {
                                return Err(serde::de::Error::duplicate_field("resumeWindowMs"));
                            }
                            resume_window_ms__ = 
                                Some(map_.next_value::<::std::option::Option<crate::json::Number<_>>>()?.map(|x| x.0).unwrap_or_default())
                            ;
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(Limits {
                    max_message_bytes: max_message_bytes__.unwrap_or_default(),
                    max_sdp_bytes: max_sdp_bytes__.unwrap_or_default(),
                    max_chat_bytes: max_chat_bytes__.unwrap_or_default(),
                    max_metadata_bytes: max_metadata_bytes__.unwrap_or_default(),
                    max_tracks: max_tracks__.unwrap_or_default(),
                    messages_per_second: messages_per_second__.unwrap_or_default(),
                    burst: burst__.unwrap_or_default(),
                    ping_interval_ms: ping_interval_ms__.unwrap_or_default(),
                    resume_window_ms: resume_window_ms__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.Limits", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Mute {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.sid.is_empty() {
            len += 1;
        }
        if !self.track_id.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.Mute", len)?;
        if !self.sid.is_empty() {
            struct_ser.serialize_field("sid", &self.sid)?;
        }
        if !self.track_id.is_empty() {
            struct_ser.serialize_field("trackId", &self.track_id)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Mute {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "sid",
            "track_id",
            "trackId",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Sid,
            TrackId,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "sid" => Ok(GeneratedField::Sid),
                            "trackId" | "track_id" => Ok(GeneratedField::TrackId),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Mute;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.Mute")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Mute, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut sid__ = None;
                let mut track_id__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Sid => {
                            if sid__.is_some() {
                                return Err(serde::de::Error::duplicate_field("sid"));
                            }
                            sid__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::TrackId => {
                            if track_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("trackId"));
                            }
                            track_id__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(Mute {
                    sid: sid__.unwrap_or_default(),
                    track_id: track_id__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.Mute", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Offer {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.to.is_empty() {
            len += 1;
        }
        if !self.from.is_empty() {
            len += 1;
        }
        if !self.negotiation_id.is_empty() {
            len += 1;
        }
        if !self.sdp.is_empty() {
            len += 1;
        }
        if self.seq != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.Offer", len)?;
        if !self.to.is_empty() {
            struct_ser.serialize_field("to", &self.to)?;
        }
        if !self.from.is_empty() {
            struct_ser.serialize_field("from", &self.from)?;
        }
        if !self.negotiation_id.is_empty() {
            struct_ser.serialize_field("negotiationId", &self.negotiation_id)?;
        }
        if !self.sdp.is_empty() {
            struct_ser.serialize_field("sdp", &self.sdp)?;
        }
        if self.seq != 0 {
            struct_ser.serialize_field("seq", &self.seq)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Offer {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "to",
            "from",
            "negotiation_id",
            "negotiationId",
            "sdp",
            "seq",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            To,
            From,
            NegotiationId,
            Sdp,
            Seq,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "to" => Ok(GeneratedField::To),
                            "from" => Ok(GeneratedField::From),
                            "negotiationId" | "negotiation_id" => Ok(GeneratedField::NegotiationId),
                            "sdp" => Ok(GeneratedField::Sdp),
                            "seq" => Ok(GeneratedField::Seq),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Offer;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.Offer")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Offer, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut to__ = None;
                let mut from__ = None;
                let mut negotiation_id__ = None;
                let mut sdp__ = None;
                let mut seq__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::To => {
                            if to__.is_some() {
                                return Err(serde::de::Error::duplicate_field("to"));
                            }
                            to__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::From => {
                            if from__.is_some() {
                                return Err(serde::de::Error::duplicate_field("from"));
                            }
                            from__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::NegotiationId => {
                            if negotiation_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("negotiationId"));
                            }
                            negotiation_id__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Sdp => {
                            if sdp__.is_some() {
                                return Err(serde::de::Error::duplicate_field("sdp"));
                            }
                            sdp__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Seq => {
                            if seq__.is_some() {
                                return Err(serde::de::Error::duplicate_field("seq"));
                            }
                            seq__ = 
                                Some(map_.next_value::<::std::option::Option<crate::json::Number<_>>>()?.map(|x| x.0).unwrap_or_default())
                            ;
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(Offer {
                    to: to__.unwrap_or_default(),
                    from: from__.unwrap_or_default(),
                    negotiation_id: negotiation_id__.unwrap_or_default(),
                    sdp: sdp__.unwrap_or_default(),
                    seq: seq__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.Offer", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Participant {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.sid.is_empty() {
            len += 1;
        }
        if !self.identity.is_empty() {
            len += 1;
        }
        if !self.name.is_empty() {
            len += 1;
        }
        if !self.metadata.is_empty() {
            len += 1;
        }
        if !self.attributes.is_empty() {
            len += 1;
        }
        if self.state != 0 {
            len += 1;
        }
        if self.role != 0 {
            len += 1;
        }
        if !self.tracks.is_empty() {
            len += 1;
        }
        if self.joined_at_ms != 0. {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.Participant", len)?;
        if !self.sid.is_empty() {
            struct_ser.serialize_field("sid", &self.sid)?;
        }
        if !self.identity.is_empty() {
            struct_ser.serialize_field("identity", &self.identity)?;
        }
        if !self.name.is_empty() {
            struct_ser.serialize_field("name", &self.name)?;
        }
        if !self.metadata.is_empty() {
            struct_ser.serialize_field("metadata", &self.metadata)?;
        }
        if !self.attributes.is_empty() {
            struct_ser.serialize_field("attributes", &self.attributes)?;
        }
        if self.state != 0 {
            let v = crate::json::OpenEnum::<participant::State>::new(self.state);
            struct_ser.serialize_field("state", &v)?;
        }
        if self.role != 0 {
            let v = crate::json::OpenEnum::<participant::Role>::new(self.role);
            struct_ser.serialize_field("role", &v)?;
        }
        if !self.tracks.is_empty() {
            struct_ser.serialize_field("tracks", &self.tracks)?;
        }
        if self.joined_at_ms != 0. {
            struct_ser.serialize_field("joinedAtMs", &crate::json::Double(self.joined_at_ms))?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Participant {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "sid",
            "identity",
            "name",
            "metadata",
            "attributes",
            "state",
            "role",
            "tracks",
            "joined_at_ms",
            "joinedAtMs",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Sid,
            Identity,
            Name,
            Metadata,
            Attributes,
            State,
            Role,
            Tracks,
            JoinedAtMs,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "sid" => Ok(GeneratedField::Sid),
                            "identity" => Ok(GeneratedField::Identity),
                            "name" => Ok(GeneratedField::Name),
                            "metadata" => Ok(GeneratedField::Metadata),
                            "attributes" => Ok(GeneratedField::Attributes),
                            "state" => Ok(GeneratedField::State),
                            "role" => Ok(GeneratedField::Role),
                            "tracks" => Ok(GeneratedField::Tracks),
                            "joinedAtMs" | "joined_at_ms" => Ok(GeneratedField::JoinedAtMs),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Participant;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.Participant")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Participant, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut sid__ = None;
                let mut identity__ = None;
                let mut name__ = None;
                let mut metadata__ = None;
                let mut attributes__ = None;
                let mut state__ = None;
                let mut role__ = None;
                let mut tracks__ = None;
                let mut joined_at_ms__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Sid => {
                            if sid__.is_some() {
                                return Err(serde::de::Error::duplicate_field("sid"));
                            }
                            sid__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Identity => {
                            if identity__.is_some() {
                                return Err(serde::de::Error::duplicate_field("identity"));
                            }
                            identity__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Name => {
                            if name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("name"));
                            }
                            name__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Metadata => {
                            if metadata__.is_some() {
                                return Err(serde::de::Error::duplicate_field("metadata"));
                            }
                            metadata__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Attributes => {
                            if attributes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("attributes"));
                            }
                            attributes__ = Some(
                                map_.next_value::<::std::option::Option<crate::json::StringMap<_>>>()?.unwrap_or_default().0
                            );
                        }
                        GeneratedField::State => {
                            if state__.is_some() {
                                return Err(serde::de::Error::duplicate_field("state"));
                            }
                            state__ = Some(map_.next_value::<::std::option::Option<crate::json::OpenEnum<participant::State>>>()?.and_then(crate::json::OpenEnum::number).unwrap_or_default());
                        }
                        GeneratedField::Role => {
                            if role__.is_some() {
                                return Err(serde::de::Error::duplicate_field("role"));
                            }
                            role__ = Some(map_.next_value::<::std::option::Option<crate::json::OpenEnum<participant::Role>>>()?.and_then(crate::json::OpenEnum::number).unwrap_or_default());
                        }
                        GeneratedField::Tracks => {
                            if tracks__.is_some() {
                                return Err(serde::de::Error::duplicate_field("tracks"));
                            }
                            tracks__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::JoinedAtMs => {
                            if joined_at_ms__.is_some() {
                                return Err(serde::de::Error::duplicate_field("joinedAtMs"));
                            }
                            joined_at_ms__ = 
                                Some(map_.next_value::<::std::option::Option<crate::json::Number<_>>>()?.map(|x| x.0).unwrap_or_default())
                            ;
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(Participant {
                    sid: sid__.unwrap_or_default(),
                    identity: identity__.unwrap_or_default(),
                    name: name__.unwrap_or_default(),
                    metadata: metadata__.unwrap_or_default(),
                    attributes: attributes__.unwrap_or_default(),
                    state: state__.unwrap_or_default(),
                    role: role__.unwrap_or_default(),
                    tracks: tracks__.unwrap_or_default(),
                    joined_at_ms: joined_at_ms__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.Participant", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for participant::Role {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "ROLE_UNSPECIFIED",
            Self::Viewer => "VIEWER",
            Self::Speaker => "SPEAKER",
            Self::Moderator => "MODERATOR",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for participant::Role {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "ROLE_UNSPECIFIED",
            "VIEWER",
            "SPEAKER",
            "MODERATOR",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = participant::Role;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "ROLE_UNSPECIFIED" => Ok(participant::Role::Unspecified),
                    "VIEWER" => Ok(participant::Role::Viewer),
                    "SPEAKER" => Ok(participant::Role::Speaker),
                    "MODERATOR" => Ok(participant::Role::Moderator),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for participant::State {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "STATE_UNSPECIFIED",
            Self::Connected => "CONNECTED",
            Self::Disconnected => "DISCONNECTED",
            Self::Waiting => "WAITING",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for participant::State {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "STATE_UNSPECIFIED",
            "CONNECTED",
            "DISCONNECTED",
            "WAITING",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = participant::State;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "STATE_UNSPECIFIED" => Ok(participant::State::Unspecified),
                    "CONNECTED" => Ok(participant::State::Connected),
                    "DISCONNECTED" => Ok(participant::State::Disconnected),
                    "WAITING" => Ok(participant::State::Waiting),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for ParticipantJoined {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.participant.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.ParticipantJoined", len)?;
        if let Some(v) = self.participant.as_ref() {
            struct_ser.serialize_field("participant", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ParticipantJoined {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "participant",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Participant,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "participant" => Ok(GeneratedField::Participant),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ParticipantJoined;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.ParticipantJoined")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ParticipantJoined, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut participant__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Participant => {
                            if participant__.is_some() {
                                return Err(serde::de::Error::duplicate_field("participant"));
                            }
                            participant__ = map_.next_value()?;
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(ParticipantJoined {
                    participant: participant__,
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.ParticipantJoined", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ParticipantLeft {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.sid.is_empty() {
            len += 1;
        }
        if !self.identity.is_empty() {
            len += 1;
        }
        if self.reason != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.ParticipantLeft", len)?;
        if !self.sid.is_empty() {
            struct_ser.serialize_field("sid", &self.sid)?;
        }
        if !self.identity.is_empty() {
            struct_ser.serialize_field("identity", &self.identity)?;
        }
        if self.reason != 0 {
            let v = crate::json::OpenEnum::<left::Reason>::new(self.reason);
            struct_ser.serialize_field("reason", &v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ParticipantLeft {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "sid",
            "identity",
            "reason",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Sid,
            Identity,
            Reason,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "sid" => Ok(GeneratedField::Sid),
                            "identity" => Ok(GeneratedField::Identity),
                            "reason" => Ok(GeneratedField::Reason),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ParticipantLeft;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.ParticipantLeft")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ParticipantLeft, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut sid__ = None;
                let mut identity__ = None;
                let mut reason__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Sid => {
                            if sid__.is_some() {
                                return Err(serde::de::Error::duplicate_field("sid"));
                            }
                            sid__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Identity => {
                            if identity__.is_some() {
                                return Err(serde::de::Error::duplicate_field("identity"));
                            }
                            identity__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Reason => {
                            if reason__.is_some() {
                                return Err(serde::de::Error::duplicate_field("reason"));
                            }
                            reason__ = Some(map_.next_value::<::std::option::Option<crate::json::OpenEnum<left::Reason>>>()?.and_then(crate::json::OpenEnum::number).unwrap_or_default());
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(ParticipantLeft {
                    sid: sid__.unwrap_or_default(),
                    identity: identity__.unwrap_or_default(),
                    reason: reason__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.ParticipantLeft", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ParticipantUpdated {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.participant.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.ParticipantUpdated", len)?;
        if let Some(v) = self.participant.as_ref() {
            struct_ser.serialize_field("participant", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ParticipantUpdated {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "participant",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Participant,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "participant" => Ok(GeneratedField::Participant),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ParticipantUpdated;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.ParticipantUpdated")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ParticipantUpdated, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut participant__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Participant => {
                            if participant__.is_some() {
                                return Err(serde::de::Error::duplicate_field("participant"));
                            }
                            participant__ = map_.next_value()?;
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(ParticipantUpdated {
                    participant: participant__,
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.ParticipantUpdated", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ParticipantWaiting {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.participant.is_some() {
            len += 1;
        }
        if self.gone {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.ParticipantWaiting", len)?;
        if let Some(v) = self.participant.as_ref() {
            struct_ser.serialize_field("participant", v)?;
        }
        if self.gone {
            struct_ser.serialize_field("gone", &self.gone)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ParticipantWaiting {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "participant",
            "gone",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Participant,
            Gone,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "participant" => Ok(GeneratedField::Participant),
                            "gone" => Ok(GeneratedField::Gone),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ParticipantWaiting;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.ParticipantWaiting")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ParticipantWaiting, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut participant__ = None;
                let mut gone__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Participant => {
                            if participant__.is_some() {
                                return Err(serde::de::Error::duplicate_field("participant"));
                            }
                            participant__ = map_.next_value()?;
                        }
                        GeneratedField::Gone => {
                            if gone__.is_some() {
                                return Err(serde::de::Error::duplicate_field("gone"));
                            }
                            gone__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(ParticipantWaiting {
                    participant: participant__,
                    gone: gone__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.ParticipantWaiting", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Ping {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.id != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.Ping", len)?;
        if self.id != 0 {
            struct_ser.serialize_field("id", &self.id)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Ping {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "id",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Id,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "id" => Ok(GeneratedField::Id),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Ping;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.Ping")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Ping, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut id__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Id => {
                            if id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("id"));
                            }
                            id__ = 
                                Some(map_.next_value::<::std::option::Option<crate::json::Number<_>>>()?.map(|x| x.0).unwrap_or_default())
                            ;
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(Ping {
                    id: id__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.Ping", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Pong {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.id != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.Pong", len)?;
        if self.id != 0 {
            struct_ser.serialize_field("id", &self.id)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Pong {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "id",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Id,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "id" => Ok(GeneratedField::Id),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Pong;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.Pong")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Pong, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut id__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Id => {
                            if id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("id"));
                            }
                            id__ = 
                                Some(map_.next_value::<::std::option::Option<crate::json::Number<_>>>()?.map(|x| x.0).unwrap_or_default())
                            ;
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(Pong {
                    id: id__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.Pong", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Publish {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.track.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.Publish", len)?;
        if let Some(v) = self.track.as_ref() {
            struct_ser.serialize_field("track", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Publish {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "track",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Track,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "track" => Ok(GeneratedField::Track),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Publish;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.Publish")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Publish, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut track__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Track => {
                            if track__.is_some() {
                                return Err(serde::de::Error::duplicate_field("track"));
                            }
                            track__ = map_.next_value()?;
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(Publish {
                    track: track__,
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.Publish", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for RefreshIceServers {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let len = 0;
        let struct_ser = serializer.serialize_struct("antiphon.v1.RefreshIceServers", len)?;
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for RefreshIceServers {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                            Ok(GeneratedField::__SkipField__)
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = RefreshIceServers;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.RefreshIceServers")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<RefreshIceServers, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                while map_.next_key::<GeneratedField>()?.is_some() {
                    let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                }
                Ok(RefreshIceServers {
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.RefreshIceServers", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for RefreshToken {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.token.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.RefreshToken", len)?;
        if !self.token.is_empty() {
            struct_ser.serialize_field("token", &self.token)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for RefreshToken {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "token",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Token,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "token" => Ok(GeneratedField::Token),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = RefreshToken;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.RefreshToken")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<RefreshToken, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut token__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Token => {
                            if token__.is_some() {
                                return Err(serde::de::Error::duplicate_field("token"));
                            }
                            token__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(RefreshToken {
                    token: token__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.RefreshToken", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Refuse {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.sid.is_empty() {
            len += 1;
        }
        if !self.reason.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.Refuse", len)?;
        if !self.sid.is_empty() {
            struct_ser.serialize_field("sid", &self.sid)?;
        }
        if !self.reason.is_empty() {
            struct_ser.serialize_field("reason", &self.reason)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Refuse {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "sid",
            "reason",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Sid,
            Reason,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "sid" => Ok(GeneratedField::Sid),
                            "reason" => Ok(GeneratedField::Reason),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Refuse;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.Refuse")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Refuse, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut sid__ = None;
                let mut reason__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Sid => {
                            if sid__.is_some() {
                                return Err(serde::de::Error::duplicate_field("sid"));
                            }
                            sid__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Reason => {
                            if reason__.is_some() {
                                return Err(serde::de::Error::duplicate_field("reason"));
                            }
                            reason__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(Refuse {
                    sid: sid__.unwrap_or_default(),
                    reason: reason__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.Refuse", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Resume {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.resume_token.is_empty() {
            len += 1;
        }
        if !self.cursor.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.Resume", len)?;
        if !self.resume_token.is_empty() {
            struct_ser.serialize_field("resumeToken", &self.resume_token)?;
        }
        if !self.cursor.is_empty() {
            struct_ser.serialize_field("cursor", &self.cursor)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Resume {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "resume_token",
            "resumeToken",
            "cursor",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            ResumeToken,
            Cursor,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "resumeToken" | "resume_token" => Ok(GeneratedField::ResumeToken),
                            "cursor" => Ok(GeneratedField::Cursor),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Resume;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.Resume")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Resume, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut resume_token__ = None;
                let mut cursor__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::ResumeToken => {
                            if resume_token__.is_some() {
                                return Err(serde::de::Error::duplicate_field("resumeToken"));
                            }
                            resume_token__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Cursor => {
                            if cursor__.is_some() {
                                return Err(serde::de::Error::duplicate_field("cursor"));
                            }
                            cursor__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(Resume {
                    resume_token: resume_token__.unwrap_or_default(),
                    cursor: cursor__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.Resume", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Resumed {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.recovered.is_some() {
            len += 1;
        }
        if !self.resume_token.is_empty() {
            len += 1;
        }
        if self.last_seq != 0 {
            len += 1;
        }
        if self.snapshot.is_some() {
            len += 1;
        }
        if self.ice_servers.is_some() {
            len += 1;
        }
        if !self.sid.is_empty() {
            len += 1;
        }
        if self.waiting {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.Resumed", len)?;
        if let Some(v) = self.recovered.as_ref() {
            struct_ser.serialize_field("recovered", v)?;
        }
        if !self.resume_token.is_empty() {
            struct_ser.serialize_field("resumeToken", &self.resume_token)?;
        }
        if self.last_seq != 0 {
            struct_ser.serialize_field("lastSeq", &self.last_seq)?;
        }
        if let Some(v) = self.snapshot.as_ref() {
            struct_ser.serialize_field("snapshot", v)?;
        }
        if let Some(v) = self.ice_servers.as_ref() {
            struct_ser.serialize_field("iceServers", v)?;
        }
        if !self.sid.is_empty() {
            struct_ser.serialize_field("sid", &self.sid)?;
        }
        if self.waiting {
            struct_ser.serialize_field("waiting", &self.waiting)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Resumed {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "recovered",
            "resume_token",
            "resumeToken",
            "last_seq",
            "lastSeq",
            "snapshot",
            "ice_servers",
            "iceServers",
            "sid",
            "waiting",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Recovered,
            ResumeToken,
            LastSeq,
            Snapshot,
            IceServers,
            Sid,
            Waiting,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "recovered" => Ok(GeneratedField::Recovered),
                            "resumeToken" | "resume_token" => Ok(GeneratedField::ResumeToken),
                            "lastSeq" | "last_seq" => Ok(GeneratedField::LastSeq),
                            "snapshot" => Ok(GeneratedField::Snapshot),
                            "iceServers" | "ice_servers" => Ok(GeneratedField::IceServers),
                            "sid" => Ok(GeneratedField::Sid),
                            "waiting" => Ok(GeneratedField::Waiting),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Resumed;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.Resumed")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Resumed, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut recovered__ = None;
                let mut resume_token__ = None;
                let mut last_seq__ = None;
                let mut snapshot__ = None;
                let mut ice_servers__ = None;
                let mut sid__ = None;
                let mut waiting__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Recovered => {
                            if recovered__.is_some() {
                                return Err(serde::de::Error::duplicate_field("recovered"));
                            }
                            recovered__ = map_.next_value()?;
                        }
                        GeneratedField::ResumeToken => {
                            if resume_token__.is_some() {
                                return Err(serde::de::Error::duplicate_field("resumeToken"));
                            }
                            resume_token__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::LastSeq => {
                            if last_seq__.is_some() {
                                return Err(serde::de::Error::duplicate_field("lastSeq"));
                            }
                            last_seq__ = 
                                Some(map_.next_value::<::std::option::Option<crate::json::Number<_>>>()?.map(|x| x.0).unwrap_or_default())
                            ;
                        }
                        GeneratedField::Snapshot => {
                            if snapshot__.is_some() {
                                return Err(serde::de::Error::duplicate_field("snapshot"));
                            }
                            snapshot__ = map_.next_value()?;
                        }
                        GeneratedField::IceServers => {
                            if ice_servers__.is_some() {
                                return Err(serde::de::Error::duplicate_field("iceServers"));
                            }
                            ice_servers__ = map_.next_value()?;
                        }
                        GeneratedField::Sid => {
                            if sid__.is_some() {
                                return Err(serde::de::Error::duplicate_field("sid"));
                            }
                            sid__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Waiting => {
                            if waiting__.is_some() {
                                return Err(serde::de::Error::duplicate_field("waiting"));
                            }
                            waiting__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(Resumed {
                    recovered: recovered__,
                    resume_token: resume_token__.unwrap_or_default(),
                    last_seq: last_seq__.unwrap_or_default(),
                    snapshot: snapshot__,
                    ice_servers: ice_servers__,
                    sid: sid__.unwrap_or_default(),
                    waiting: waiting__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.Resumed", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Room {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.name.is_empty() {
            len += 1;
        }
        if !self.metadata.is_empty() {
            len += 1;
        }
        if self.locked {
            len += 1;
        }
        if self.lobby {
            len += 1;
        }
        if self.max_participants != 0 {
            len += 1;
        }
        if self.topology.is_some() {
            len += 1;
        }
        if self.created_at_ms != 0. {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.Room", len)?;
        if !self.name.is_empty() {
            struct_ser.serialize_field("name", &self.name)?;
        }
        if !self.metadata.is_empty() {
            struct_ser.serialize_field("metadata", &self.metadata)?;
        }
        if self.locked {
            struct_ser.serialize_field("locked", &self.locked)?;
        }
        if self.lobby {
            struct_ser.serialize_field("lobby", &self.lobby)?;
        }
        if self.max_participants != 0 {
            struct_ser.serialize_field("maxParticipants", &self.max_participants)?;
        }
        if let Some(v) = self.topology.as_ref() {
            struct_ser.serialize_field("topology", v)?;
        }
        if self.created_at_ms != 0. {
            struct_ser.serialize_field("createdAtMs", &crate::json::Double(self.created_at_ms))?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Room {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "name",
            "metadata",
            "locked",
            "lobby",
            "max_participants",
            "maxParticipants",
            "topology",
            "created_at_ms",
            "createdAtMs",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Name,
            Metadata,
            Locked,
            Lobby,
            MaxParticipants,
            Topology,
            CreatedAtMs,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "name" => Ok(GeneratedField::Name),
                            "metadata" => Ok(GeneratedField::Metadata),
                            "locked" => Ok(GeneratedField::Locked),
                            "lobby" => Ok(GeneratedField::Lobby),
                            "maxParticipants" | "max_participants" => Ok(GeneratedField::MaxParticipants),
                            "topology" => Ok(GeneratedField::Topology),
                            "createdAtMs" | "created_at_ms" => Ok(GeneratedField::CreatedAtMs),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Room;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.Room")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Room, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut name__ = None;
                let mut metadata__ = None;
                let mut locked__ = None;
                let mut lobby__ = None;
                let mut max_participants__ = None;
                let mut topology__ = None;
                let mut created_at_ms__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Name => {
                            if name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("name"));
                            }
                            name__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Metadata => {
                            if metadata__.is_some() {
                                return Err(serde::de::Error::duplicate_field("metadata"));
                            }
                            metadata__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Locked => {
                            if locked__.is_some() {
                                return Err(serde::de::Error::duplicate_field("locked"));
                            }
                            locked__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Lobby => {
                            if lobby__.is_some() {
                                return Err(serde::de::Error::duplicate_field("lobby"));
                            }
                            lobby__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::MaxParticipants => {
                            if max_participants__.is_some() {
                                return Err(serde::de::Error::duplicate_field("maxParticipants"));
                            }
                            max_participants__ = 
                                Some(map_.next_value::<::std::option::Option<crate::json::Number<_>>>()?.map(|x| x.0).unwrap_or_default())
                            ;
                        }
                        GeneratedField::Topology => {
                            if topology__.is_some() {
                                return Err(serde::de::Error::duplicate_field("topology"));
                            }
                            topology__ = map_.next_value()?;
                        }
                        GeneratedField::CreatedAtMs => {
                            if created_at_ms__.is_some() {
                                return Err(serde::de::Error::duplicate_field("createdAtMs"));
                            }
                            created_at_ms__ = 
                                Some(map_.next_value::<::std::option::Option<crate::json::Number<_>>>()?.map(|x| x.0).unwrap_or_default())
                            ;
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(Room {
                    name: name__.unwrap_or_default(),
                    metadata: metadata__.unwrap_or_default(),
                    locked: locked__.unwrap_or_default(),
                    lobby: lobby__.unwrap_or_default(),
                    max_participants: max_participants__.unwrap_or_default(),
                    topology: topology__,
                    created_at_ms: created_at_ms__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.Room", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for RoomSnapshot {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.room.is_some() {
            len += 1;
        }
        if !self.participants.is_empty() {
            len += 1;
        }
        if !self.chat.is_empty() {
            len += 1;
        }
        if !self.waiting.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.RoomSnapshot", len)?;
        if let Some(v) = self.room.as_ref() {
            struct_ser.serialize_field("room", v)?;
        }
        if !self.participants.is_empty() {
            struct_ser.serialize_field("participants", &self.participants)?;
        }
        if !self.chat.is_empty() {
            struct_ser.serialize_field("chat", &self.chat)?;
        }
        if !self.waiting.is_empty() {
            struct_ser.serialize_field("waiting", &self.waiting)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for RoomSnapshot {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "room",
            "participants",
            "chat",
            "waiting",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Room,
            Participants,
            Chat,
            Waiting,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "room" => Ok(GeneratedField::Room),
                            "participants" => Ok(GeneratedField::Participants),
                            "chat" => Ok(GeneratedField::Chat),
                            "waiting" => Ok(GeneratedField::Waiting),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = RoomSnapshot;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.RoomSnapshot")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<RoomSnapshot, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut room__ = None;
                let mut participants__ = None;
                let mut chat__ = None;
                let mut waiting__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Room => {
                            if room__.is_some() {
                                return Err(serde::de::Error::duplicate_field("room"));
                            }
                            room__ = map_.next_value()?;
                        }
                        GeneratedField::Participants => {
                            if participants__.is_some() {
                                return Err(serde::de::Error::duplicate_field("participants"));
                            }
                            participants__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Chat => {
                            if chat__.is_some() {
                                return Err(serde::de::Error::duplicate_field("chat"));
                            }
                            chat__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Waiting => {
                            if waiting__.is_some() {
                                return Err(serde::de::Error::duplicate_field("waiting"));
                            }
                            waiting__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(RoomSnapshot {
                    room: room__,
                    participants: participants__.unwrap_or_default(),
                    chat: chat__.unwrap_or_default(),
                    waiting: waiting__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.RoomSnapshot", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for RoomUpdated {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.room.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.RoomUpdated", len)?;
        if let Some(v) = self.room.as_ref() {
            struct_ser.serialize_field("room", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for RoomUpdated {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "room",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Room,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "room" => Ok(GeneratedField::Room),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = RoomUpdated;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.RoomUpdated")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<RoomUpdated, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut room__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Room => {
                            if room__.is_some() {
                                return Err(serde::de::Error::duplicate_field("room"));
                            }
                            room__ = map_.next_value()?;
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(RoomUpdated {
                    room: room__,
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.RoomUpdated", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for SendChat {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.text.is_empty() {
            len += 1;
        }
        if !self.to.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.SendChat", len)?;
        if !self.text.is_empty() {
            struct_ser.serialize_field("text", &self.text)?;
        }
        if !self.to.is_empty() {
            struct_ser.serialize_field("to", &self.to)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for SendChat {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "text",
            "to",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Text,
            To,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "text" => Ok(GeneratedField::Text),
                            "to" => Ok(GeneratedField::To),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = SendChat;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.SendChat")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<SendChat, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut text__ = None;
                let mut to__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Text => {
                            if text__.is_some() {
                                return Err(serde::de::Error::duplicate_field("text"));
                            }
                            text__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::To => {
                            if to__.is_some() {
                                return Err(serde::de::Error::duplicate_field("to"));
                            }
                            to__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(SendChat {
                    text: text__.unwrap_or_default(),
                    to: to__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.SendChat", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ServerFrame {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.cursor.is_empty() {
            len += 1;
        }
        if self.ack_seq != 0 {
            len += 1;
        }
        if self.kind.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.ServerFrame", len)?;
        if !self.cursor.is_empty() {
            struct_ser.serialize_field("cursor", &self.cursor)?;
        }
        if self.ack_seq != 0 {
            struct_ser.serialize_field("ackSeq", &self.ack_seq)?;
        }
        if let Some(v) = self.kind.as_ref() {
            match v {
                server_frame::Kind::Joined(v) => {
                    struct_ser.serialize_field("joined", v)?;
                }
                server_frame::Kind::Resumed(v) => {
                    struct_ser.serialize_field("resumed", v)?;
                }
                server_frame::Kind::Snapshot(v) => {
                    struct_ser.serialize_field("snapshot", v)?;
                }
                server_frame::Kind::Left(v) => {
                    struct_ser.serialize_field("left", v)?;
                }
                server_frame::Kind::Offer(v) => {
                    struct_ser.serialize_field("offer", v)?;
                }
                server_frame::Kind::Answer(v) => {
                    struct_ser.serialize_field("answer", v)?;
                }
                server_frame::Kind::Candidate(v) => {
                    struct_ser.serialize_field("candidate", v)?;
                }
                server_frame::Kind::Chat(v) => {
                    struct_ser.serialize_field("chat", v)?;
                }
                server_frame::Kind::Data(v) => {
                    struct_ser.serialize_field("data", v)?;
                }
                server_frame::Kind::ChatDeleted(v) => {
                    struct_ser.serialize_field("chatDeleted", v)?;
                }
                server_frame::Kind::ParticipantJoined(v) => {
                    struct_ser.serialize_field("participantJoined", v)?;
                }
                server_frame::Kind::ParticipantUpdated(v) => {
                    struct_ser.serialize_field("participantUpdated", v)?;
                }
                server_frame::Kind::ParticipantLeft(v) => {
                    struct_ser.serialize_field("participantLeft", v)?;
                }
                server_frame::Kind::TrackPublished(v) => {
                    struct_ser.serialize_field("trackPublished", v)?;
                }
                server_frame::Kind::TrackUpdated(v) => {
                    struct_ser.serialize_field("trackUpdated", v)?;
                }
                server_frame::Kind::TrackUnpublished(v) => {
                    struct_ser.serialize_field("trackUnpublished", v)?;
                }
                server_frame::Kind::RoomUpdated(v) => {
                    struct_ser.serialize_field("roomUpdated", v)?;
                }
                server_frame::Kind::ParticipantWaiting(v) => {
                    struct_ser.serialize_field("participantWaiting", v)?;
                }
                server_frame::Kind::IceServers(v) => {
                    struct_ser.serialize_field("iceServers", v)?;
                }
                server_frame::Kind::AccessToken(v) => {
                    struct_ser.serialize_field("accessToken", v)?;
                }
                server_frame::Kind::GoAway(v) => {
                    struct_ser.serialize_field("goAway", v)?;
                }
                server_frame::Kind::Error(v) => {
                    struct_ser.serialize_field("error", v)?;
                }
                server_frame::Kind::Ack(v) => {
                    struct_ser.serialize_field("ack", v)?;
                }
                server_frame::Kind::Pong(v) => {
                    struct_ser.serialize_field("pong", v)?;
                }
                server_frame::Kind::TokenExpiring(v) => {
                    struct_ser.serialize_field("tokenExpiring", v)?;
                }
                server_frame::Kind::TokenRefreshed(v) => {
                    struct_ser.serialize_field("tokenRefreshed", v)?;
                }
            }
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ServerFrame {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "cursor",
            "ack_seq",
            "ackSeq",
            "joined",
            "resumed",
            "snapshot",
            "left",
            "offer",
            "answer",
            "candidate",
            "chat",
            "data",
            "chat_deleted",
            "chatDeleted",
            "participant_joined",
            "participantJoined",
            "participant_updated",
            "participantUpdated",
            "participant_left",
            "participantLeft",
            "track_published",
            "trackPublished",
            "track_updated",
            "trackUpdated",
            "track_unpublished",
            "trackUnpublished",
            "room_updated",
            "roomUpdated",
            "participant_waiting",
            "participantWaiting",
            "ice_servers",
            "iceServers",
            "access_token",
            "accessToken",
            "go_away",
            "goAway",
            "error",
            "ack",
            "pong",
            "token_expiring",
            "tokenExpiring",
            "token_refreshed",
            "tokenRefreshed",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Cursor,
            AckSeq,
            Joined,
            Resumed,
            Snapshot,
            Left,
            Offer,
            Answer,
            Candidate,
            Chat,
            Data,
            ChatDeleted,
            ParticipantJoined,
            ParticipantUpdated,
            ParticipantLeft,
            TrackPublished,
            TrackUpdated,
            TrackUnpublished,
            RoomUpdated,
            ParticipantWaiting,
            IceServers,
            AccessToken,
            GoAway,
            Error,
            Ack,
            Pong,
            TokenExpiring,
            TokenRefreshed,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "cursor" => Ok(GeneratedField::Cursor),
                            "ackSeq" | "ack_seq" => Ok(GeneratedField::AckSeq),
                            "joined" => Ok(GeneratedField::Joined),
                            "resumed" => Ok(GeneratedField::Resumed),
                            "snapshot" => Ok(GeneratedField::Snapshot),
                            "left" => Ok(GeneratedField::Left),
                            "offer" => Ok(GeneratedField::Offer),
                            "answer" => Ok(GeneratedField::Answer),
                            "candidate" => Ok(GeneratedField::Candidate),
                            "chat" => Ok(GeneratedField::Chat),
                            "data" => Ok(GeneratedField::Data),
                            "chatDeleted" | "chat_deleted" => Ok(GeneratedField::ChatDeleted),
                            "participantJoined" | "participant_joined" => Ok(GeneratedField::ParticipantJoined),
                            "participantUpdated" | "participant_updated" => Ok(GeneratedField::ParticipantUpdated),
                            "participantLeft" | "participant_left" => Ok(GeneratedField::ParticipantLeft),
                            "trackPublished" | "track_published" => Ok(GeneratedField::TrackPublished),
                            "trackUpdated" | "track_updated" => Ok(GeneratedField::TrackUpdated),
                            "trackUnpublished" | "track_unpublished" => Ok(GeneratedField::TrackUnpublished),
                            "roomUpdated" | "room_updated" => Ok(GeneratedField::RoomUpdated),
                            "participantWaiting" | "participant_waiting" => Ok(GeneratedField::ParticipantWaiting),
                            "iceServers" | "ice_servers" => Ok(GeneratedField::IceServers),
                            "accessToken" | "access_token" => Ok(GeneratedField::AccessToken),
                            "goAway" | "go_away" => Ok(GeneratedField::GoAway),
                            "error" => Ok(GeneratedField::Error),
                            "ack" => Ok(GeneratedField::Ack),
                            "pong" => Ok(GeneratedField::Pong),
                            "tokenExpiring" | "token_expiring" => Ok(GeneratedField::TokenExpiring),
                            "tokenRefreshed" | "token_refreshed" => Ok(GeneratedField::TokenRefreshed),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ServerFrame;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.ServerFrame")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ServerFrame, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut cursor__ = None;
                let mut ack_seq__ = None;
                let mut kind__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Cursor => {
                            if cursor__.is_some() {
                                return Err(serde::de::Error::duplicate_field("cursor"));
                            }
                            cursor__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::AckSeq => {
                            if ack_seq__.is_some() {
                                return Err(serde::de::Error::duplicate_field("ackSeq"));
                            }
                            ack_seq__ = 
                                Some(map_.next_value::<::std::option::Option<crate::json::Number<_>>>()?.map(|x| x.0).unwrap_or_default())
                            ;
                        }
                        GeneratedField::Joined => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("joined"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(server_frame::Kind::Joined)
;
                        }
                        GeneratedField::Resumed => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("resumed"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(server_frame::Kind::Resumed)
;
                        }
                        GeneratedField::Snapshot => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("snapshot"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(server_frame::Kind::Snapshot)
;
                        }
                        GeneratedField::Left => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("left"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(server_frame::Kind::Left)
;
                        }
                        GeneratedField::Offer => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("offer"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(server_frame::Kind::Offer)
;
                        }
                        GeneratedField::Answer => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("answer"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(server_frame::Kind::Answer)
;
                        }
                        GeneratedField::Candidate => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("candidate"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(server_frame::Kind::Candidate)
;
                        }
                        GeneratedField::Chat => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("chat"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(server_frame::Kind::Chat)
;
                        }
                        GeneratedField::Data => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("data"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(server_frame::Kind::Data)
;
                        }
                        GeneratedField::ChatDeleted => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("chatDeleted"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(server_frame::Kind::ChatDeleted)
;
                        }
                        GeneratedField::ParticipantJoined => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("participantJoined"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(server_frame::Kind::ParticipantJoined)
;
                        }
                        GeneratedField::ParticipantUpdated => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("participantUpdated"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(server_frame::Kind::ParticipantUpdated)
;
                        }
                        GeneratedField::ParticipantLeft => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("participantLeft"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(server_frame::Kind::ParticipantLeft)
;
                        }
                        GeneratedField::TrackPublished => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("trackPublished"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(server_frame::Kind::TrackPublished)
;
                        }
                        GeneratedField::TrackUpdated => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("trackUpdated"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(server_frame::Kind::TrackUpdated)
;
                        }
                        GeneratedField::TrackUnpublished => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("trackUnpublished"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(server_frame::Kind::TrackUnpublished)
;
                        }
                        GeneratedField::RoomUpdated => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("roomUpdated"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(server_frame::Kind::RoomUpdated)
;
                        }
                        GeneratedField::ParticipantWaiting => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("participantWaiting"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(server_frame::Kind::ParticipantWaiting)
;
                        }
                        GeneratedField::IceServers => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("iceServers"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(server_frame::Kind::IceServers)
;
                        }
                        GeneratedField::AccessToken => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("accessToken"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(server_frame::Kind::AccessToken)
;
                        }
                        GeneratedField::GoAway => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("goAway"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(server_frame::Kind::GoAway)
;
                        }
                        GeneratedField::Error => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("error"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(server_frame::Kind::Error)
;
                        }
                        GeneratedField::Ack => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("ack"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(server_frame::Kind::Ack)
;
                        }
                        GeneratedField::Pong => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("pong"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(server_frame::Kind::Pong)
;
                        }
                        GeneratedField::TokenExpiring => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("tokenExpiring"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(server_frame::Kind::TokenExpiring)
;
                        }
                        GeneratedField::TokenRefreshed => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("tokenRefreshed"));
                            }
                            kind__ = map_.next_value::<::std::option::Option<_>>()?.map(server_frame::Kind::TokenRefreshed)
;
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(ServerFrame {
                    cursor: cursor__.unwrap_or_default(),
                    ack_seq: ack_seq__.unwrap_or_default(),
                    kind: kind__,
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.ServerFrame", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for SetRole {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.sid.is_empty() {
            len += 1;
        }
        if self.role != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.SetRole", len)?;
        if !self.sid.is_empty() {
            struct_ser.serialize_field("sid", &self.sid)?;
        }
        if self.role != 0 {
            let v = crate::json::OpenEnum::<participant::Role>::new(self.role);
            struct_ser.serialize_field("role", &v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for SetRole {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "sid",
            "role",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Sid,
            Role,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "sid" => Ok(GeneratedField::Sid),
                            "role" => Ok(GeneratedField::Role),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = SetRole;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.SetRole")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<SetRole, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut sid__ = None;
                let mut role__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Sid => {
                            if sid__.is_some() {
                                return Err(serde::de::Error::duplicate_field("sid"));
                            }
                            sid__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Role => {
                            if role__.is_some() {
                                return Err(serde::de::Error::duplicate_field("role"));
                            }
                            role__ = Some(map_.next_value::<::std::option::Option<crate::json::OpenEnum<participant::Role>>>()?.and_then(crate::json::OpenEnum::number).unwrap_or_default());
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(SetRole {
                    sid: sid__.unwrap_or_default(),
                    role: role__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.SetRole", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Snapshot {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.reason != 0 {
            len += 1;
        }
        if self.snapshot.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.Snapshot", len)?;
        if self.reason != 0 {
            let v = crate::json::OpenEnum::<snapshot::Reason>::new(self.reason);
            struct_ser.serialize_field("reason", &v)?;
        }
        if let Some(v) = self.snapshot.as_ref() {
            struct_ser.serialize_field("snapshot", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Snapshot {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "reason",
            "snapshot",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Reason,
            Snapshot,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "reason" => Ok(GeneratedField::Reason),
                            "snapshot" => Ok(GeneratedField::Snapshot),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Snapshot;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.Snapshot")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Snapshot, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut reason__ = None;
                let mut snapshot__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Reason => {
                            if reason__.is_some() {
                                return Err(serde::de::Error::duplicate_field("reason"));
                            }
                            reason__ = Some(map_.next_value::<::std::option::Option<crate::json::OpenEnum<snapshot::Reason>>>()?.and_then(crate::json::OpenEnum::number).unwrap_or_default());
                        }
                        GeneratedField::Snapshot => {
                            if snapshot__.is_some() {
                                return Err(serde::de::Error::duplicate_field("snapshot"));
                            }
                            snapshot__ = map_.next_value()?;
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(Snapshot {
                    reason: reason__.unwrap_or_default(),
                    snapshot: snapshot__,
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.Snapshot", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for snapshot::Reason {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "REASON_UNSPECIFIED",
            Self::Admitted => "ADMITTED",
            Self::EpochChanged => "EPOCH_CHANGED",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for snapshot::Reason {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "REASON_UNSPECIFIED",
            "ADMITTED",
            "EPOCH_CHANGED",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = snapshot::Reason;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "REASON_UNSPECIFIED" => Ok(snapshot::Reason::Unspecified),
                    "ADMITTED" => Ok(snapshot::Reason::Admitted),
                    "EPOCH_CHANGED" => Ok(snapshot::Reason::EpochChanged),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for TokenExpiring {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.expires_in != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.TokenExpiring", len)?;
        if self.expires_in != 0 {
            struct_ser.serialize_field("expiresIn", &self.expires_in)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for TokenExpiring {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "expires_in",
            "expiresIn",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            ExpiresIn,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "expiresIn" | "expires_in" => Ok(GeneratedField::ExpiresIn),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = TokenExpiring;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.TokenExpiring")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<TokenExpiring, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut expires_in__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::ExpiresIn => {
                            if expires_in__.is_some() {
                                return Err(serde::de::Error::duplicate_field("expiresIn"));
                            }
                            expires_in__ = 
                                Some(map_.next_value::<::std::option::Option<crate::json::Number<_>>>()?.map(|x| x.0).unwrap_or_default())
                            ;
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(TokenExpiring {
                    expires_in: expires_in__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.TokenExpiring", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for TokenRefreshed {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.expires_in != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.TokenRefreshed", len)?;
        if self.expires_in != 0 {
            struct_ser.serialize_field("expiresIn", &self.expires_in)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for TokenRefreshed {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "expires_in",
            "expiresIn",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            ExpiresIn,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "expiresIn" | "expires_in" => Ok(GeneratedField::ExpiresIn),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = TokenRefreshed;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.TokenRefreshed")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<TokenRefreshed, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut expires_in__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::ExpiresIn => {
                            if expires_in__.is_some() {
                                return Err(serde::de::Error::duplicate_field("expiresIn"));
                            }
                            expires_in__ = 
                                Some(map_.next_value::<::std::option::Option<crate::json::Number<_>>>()?.map(|x| x.0).unwrap_or_default())
                            ;
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(TokenRefreshed {
                    expires_in: expires_in__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.TokenRefreshed", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Topology {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.requested != 0 {
            len += 1;
        }
        if self.active != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.Topology", len)?;
        if self.requested != 0 {
            let v = crate::json::OpenEnum::<topology::Mode>::new(self.requested);
            struct_ser.serialize_field("requested", &v)?;
        }
        if self.active != 0 {
            let v = crate::json::OpenEnum::<topology::Mode>::new(self.active);
            struct_ser.serialize_field("active", &v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Topology {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "requested",
            "active",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Requested,
            Active,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "requested" => Ok(GeneratedField::Requested),
                            "active" => Ok(GeneratedField::Active),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Topology;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.Topology")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Topology, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut requested__ = None;
                let mut active__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Requested => {
                            if requested__.is_some() {
                                return Err(serde::de::Error::duplicate_field("requested"));
                            }
                            requested__ = Some(map_.next_value::<::std::option::Option<crate::json::OpenEnum<topology::Mode>>>()?.and_then(crate::json::OpenEnum::number).unwrap_or_default());
                        }
                        GeneratedField::Active => {
                            if active__.is_some() {
                                return Err(serde::de::Error::duplicate_field("active"));
                            }
                            active__ = Some(map_.next_value::<::std::option::Option<crate::json::OpenEnum<topology::Mode>>>()?.and_then(crate::json::OpenEnum::number).unwrap_or_default());
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(Topology {
                    requested: requested__.unwrap_or_default(),
                    active: active__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.Topology", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for topology::Mode {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Auto => "AUTO",
            Self::Mesh => "MESH",
            Self::RelayMesh => "RELAY_MESH",
            Self::Pool => "POOL",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for topology::Mode {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "AUTO",
            "MESH",
            "RELAY_MESH",
            "POOL",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = topology::Mode;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "AUTO" => Ok(topology::Mode::Auto),
                    "MESH" => Ok(topology::Mode::Mesh),
                    "RELAY_MESH" => Ok(topology::Mode::RelayMesh),
                    "POOL" => Ok(topology::Mode::Pool),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for Track {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.track_id.is_empty() {
            len += 1;
        }
        if self.kind != 0 {
            len += 1;
        }
        if self.source != 0 {
            len += 1;
        }
        if !self.name.is_empty() {
            len += 1;
        }
        if self.muted {
            len += 1;
        }
        if !self.layers.is_empty() {
            len += 1;
        }
        if self.mid.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.Track", len)?;
        if !self.track_id.is_empty() {
            struct_ser.serialize_field("trackId", &self.track_id)?;
        }
        if self.kind != 0 {
            let v = crate::json::OpenEnum::<track::Kind>::new(self.kind);
            struct_ser.serialize_field("kind", &v)?;
        }
        if self.source != 0 {
            let v = crate::json::OpenEnum::<track::Source>::new(self.source);
            struct_ser.serialize_field("source", &v)?;
        }
        if !self.name.is_empty() {
            struct_ser.serialize_field("name", &self.name)?;
        }
        if self.muted {
            struct_ser.serialize_field("muted", &self.muted)?;
        }
        if !self.layers.is_empty() {
            struct_ser.serialize_field("layers", &self.layers)?;
        }
        if let Some(v) = self.mid.as_ref() {
            struct_ser.serialize_field("mid", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Track {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "track_id",
            "trackId",
            "kind",
            "source",
            "name",
            "muted",
            "layers",
            "mid",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            TrackId,
            Kind,
            Source,
            Name,
            Muted,
            Layers,
            Mid,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "trackId" | "track_id" => Ok(GeneratedField::TrackId),
                            "kind" => Ok(GeneratedField::Kind),
                            "source" => Ok(GeneratedField::Source),
                            "name" => Ok(GeneratedField::Name),
                            "muted" => Ok(GeneratedField::Muted),
                            "layers" => Ok(GeneratedField::Layers),
                            "mid" => Ok(GeneratedField::Mid),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Track;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.Track")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Track, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut track_id__ = None;
                let mut kind__ = None;
                let mut source__ = None;
                let mut name__ = None;
                let mut muted__ = None;
                let mut layers__ = None;
                let mut mid__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::TrackId => {
                            if track_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("trackId"));
                            }
                            track_id__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Kind => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("kind"));
                            }
                            kind__ = Some(map_.next_value::<::std::option::Option<crate::json::OpenEnum<track::Kind>>>()?.and_then(crate::json::OpenEnum::number).unwrap_or_default());
                        }
                        GeneratedField::Source => {
                            if source__.is_some() {
                                return Err(serde::de::Error::duplicate_field("source"));
                            }
                            source__ = Some(map_.next_value::<::std::option::Option<crate::json::OpenEnum<track::Source>>>()?.and_then(crate::json::OpenEnum::number).unwrap_or_default());
                        }
                        GeneratedField::Name => {
                            if name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("name"));
                            }
                            name__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Muted => {
                            if muted__.is_some() {
                                return Err(serde::de::Error::duplicate_field("muted"));
                            }
                            muted__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Layers => {
                            if layers__.is_some() {
                                return Err(serde::de::Error::duplicate_field("layers"));
                            }
                            layers__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Mid => {
                            if mid__.is_some() {
                                return Err(serde::de::Error::duplicate_field("mid"));
                            }
                            mid__ = map_.next_value()?;
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(Track {
                    track_id: track_id__.unwrap_or_default(),
                    kind: kind__.unwrap_or_default(),
                    source: source__.unwrap_or_default(),
                    name: name__.unwrap_or_default(),
                    muted: muted__.unwrap_or_default(),
                    layers: layers__.unwrap_or_default(),
                    mid: mid__,
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.Track", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for track::Kind {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "KIND_UNSPECIFIED",
            Self::Audio => "AUDIO",
            Self::Video => "VIDEO",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for track::Kind {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "KIND_UNSPECIFIED",
            "AUDIO",
            "VIDEO",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = track::Kind;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "KIND_UNSPECIFIED" => Ok(track::Kind::Unspecified),
                    "AUDIO" => Ok(track::Kind::Audio),
                    "VIDEO" => Ok(track::Kind::Video),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for track::Layer {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.rid.is_empty() {
            len += 1;
        }
        if self.width != 0 {
            len += 1;
        }
        if self.height != 0 {
            len += 1;
        }
        if self.max_bitrate != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.Track.Layer", len)?;
        if !self.rid.is_empty() {
            struct_ser.serialize_field("rid", &self.rid)?;
        }
        if self.width != 0 {
            struct_ser.serialize_field("width", &self.width)?;
        }
        if self.height != 0 {
            struct_ser.serialize_field("height", &self.height)?;
        }
        if self.max_bitrate != 0 {
            struct_ser.serialize_field("maxBitrate", &self.max_bitrate)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for track::Layer {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "rid",
            "width",
            "height",
            "max_bitrate",
            "maxBitrate",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Rid,
            Width,
            Height,
            MaxBitrate,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "rid" => Ok(GeneratedField::Rid),
                            "width" => Ok(GeneratedField::Width),
                            "height" => Ok(GeneratedField::Height),
                            "maxBitrate" | "max_bitrate" => Ok(GeneratedField::MaxBitrate),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = track::Layer;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.Track.Layer")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<track::Layer, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut rid__ = None;
                let mut width__ = None;
                let mut height__ = None;
                let mut max_bitrate__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Rid => {
                            if rid__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rid"));
                            }
                            rid__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Width => {
                            if width__.is_some() {
                                return Err(serde::de::Error::duplicate_field("width"));
                            }
                            width__ = 
                                Some(map_.next_value::<::std::option::Option<crate::json::Number<_>>>()?.map(|x| x.0).unwrap_or_default())
                            ;
                        }
                        GeneratedField::Height => {
                            if height__.is_some() {
                                return Err(serde::de::Error::duplicate_field("height"));
                            }
                            height__ = 
                                Some(map_.next_value::<::std::option::Option<crate::json::Number<_>>>()?.map(|x| x.0).unwrap_or_default())
                            ;
                        }
                        GeneratedField::MaxBitrate => {
                            if max_bitrate__.is_some() {
                                return Err(serde::de::Error::duplicate_field("maxBitrate"));
                            }
                            max_bitrate__ = 
                                Some(map_.next_value::<::std::option::Option<crate::json::Number<_>>>()?.map(|x| x.0).unwrap_or_default())
                            ;
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(track::Layer {
                    rid: rid__.unwrap_or_default(),
                    width: width__.unwrap_or_default(),
                    height: height__.unwrap_or_default(),
                    max_bitrate: max_bitrate__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.Track.Layer", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for track::Source {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "SOURCE_UNSPECIFIED",
            Self::Microphone => "MICROPHONE",
            Self::Camera => "CAMERA",
            Self::ScreenShare => "SCREEN_SHARE",
            Self::ScreenShareAudio => "SCREEN_SHARE_AUDIO",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for track::Source {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "SOURCE_UNSPECIFIED",
            "MICROPHONE",
            "CAMERA",
            "SCREEN_SHARE",
            "SCREEN_SHARE_AUDIO",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = track::Source;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "SOURCE_UNSPECIFIED" => Ok(track::Source::Unspecified),
                    "MICROPHONE" => Ok(track::Source::Microphone),
                    "CAMERA" => Ok(track::Source::Camera),
                    "SCREEN_SHARE" => Ok(track::Source::ScreenShare),
                    "SCREEN_SHARE_AUDIO" => Ok(track::Source::ScreenShareAudio),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for TrackMute {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.track_id.is_empty() {
            len += 1;
        }
        if self.muted {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.TrackMute", len)?;
        if !self.track_id.is_empty() {
            struct_ser.serialize_field("trackId", &self.track_id)?;
        }
        if self.muted {
            struct_ser.serialize_field("muted", &self.muted)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for TrackMute {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "track_id",
            "trackId",
            "muted",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            TrackId,
            Muted,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "trackId" | "track_id" => Ok(GeneratedField::TrackId),
                            "muted" => Ok(GeneratedField::Muted),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = TrackMute;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.TrackMute")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<TrackMute, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut track_id__ = None;
                let mut muted__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::TrackId => {
                            if track_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("trackId"));
                            }
                            track_id__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Muted => {
                            if muted__.is_some() {
                                return Err(serde::de::Error::duplicate_field("muted"));
                            }
                            muted__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(TrackMute {
                    track_id: track_id__.unwrap_or_default(),
                    muted: muted__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.TrackMute", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for TrackPublished {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.sid.is_empty() {
            len += 1;
        }
        if self.track.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.TrackPublished", len)?;
        if !self.sid.is_empty() {
            struct_ser.serialize_field("sid", &self.sid)?;
        }
        if let Some(v) = self.track.as_ref() {
            struct_ser.serialize_field("track", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for TrackPublished {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "sid",
            "track",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Sid,
            Track,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "sid" => Ok(GeneratedField::Sid),
                            "track" => Ok(GeneratedField::Track),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = TrackPublished;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.TrackPublished")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<TrackPublished, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut sid__ = None;
                let mut track__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Sid => {
                            if sid__.is_some() {
                                return Err(serde::de::Error::duplicate_field("sid"));
                            }
                            sid__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Track => {
                            if track__.is_some() {
                                return Err(serde::de::Error::duplicate_field("track"));
                            }
                            track__ = map_.next_value()?;
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(TrackPublished {
                    sid: sid__.unwrap_or_default(),
                    track: track__,
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.TrackPublished", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for TrackUnpublished {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.sid.is_empty() {
            len += 1;
        }
        if !self.track_id.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.TrackUnpublished", len)?;
        if !self.sid.is_empty() {
            struct_ser.serialize_field("sid", &self.sid)?;
        }
        if !self.track_id.is_empty() {
            struct_ser.serialize_field("trackId", &self.track_id)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for TrackUnpublished {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "sid",
            "track_id",
            "trackId",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Sid,
            TrackId,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "sid" => Ok(GeneratedField::Sid),
                            "trackId" | "track_id" => Ok(GeneratedField::TrackId),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = TrackUnpublished;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.TrackUnpublished")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<TrackUnpublished, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut sid__ = None;
                let mut track_id__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Sid => {
                            if sid__.is_some() {
                                return Err(serde::de::Error::duplicate_field("sid"));
                            }
                            sid__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::TrackId => {
                            if track_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("trackId"));
                            }
                            track_id__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(TrackUnpublished {
                    sid: sid__.unwrap_or_default(),
                    track_id: track_id__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.TrackUnpublished", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for TrackUpdated {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.sid.is_empty() {
            len += 1;
        }
        if self.track.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.TrackUpdated", len)?;
        if !self.sid.is_empty() {
            struct_ser.serialize_field("sid", &self.sid)?;
        }
        if let Some(v) = self.track.as_ref() {
            struct_ser.serialize_field("track", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for TrackUpdated {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "sid",
            "track",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Sid,
            Track,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "sid" => Ok(GeneratedField::Sid),
                            "track" => Ok(GeneratedField::Track),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = TrackUpdated;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.TrackUpdated")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<TrackUpdated, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut sid__ = None;
                let mut track__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Sid => {
                            if sid__.is_some() {
                                return Err(serde::de::Error::duplicate_field("sid"));
                            }
                            sid__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Track => {
                            if track__.is_some() {
                                return Err(serde::de::Error::duplicate_field("track"));
                            }
                            track__ = map_.next_value()?;
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(TrackUpdated {
                    sid: sid__.unwrap_or_default(),
                    track: track__,
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.TrackUpdated", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Unpublish {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.track_id.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.Unpublish", len)?;
        if !self.track_id.is_empty() {
            struct_ser.serialize_field("trackId", &self.track_id)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Unpublish {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "track_id",
            "trackId",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            TrackId,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "trackId" | "track_id" => Ok(GeneratedField::TrackId),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Unpublish;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.Unpublish")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Unpublish, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut track_id__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::TrackId => {
                            if track_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("trackId"));
                            }
                            track_id__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(Unpublish {
                    track_id: track_id__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.Unpublish", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Update {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.name.is_some() {
            len += 1;
        }
        if self.metadata.is_some() {
            len += 1;
        }
        if !self.attributes.is_empty() {
            len += 1;
        }
        if !self.tracks.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.Update", len)?;
        if let Some(v) = self.name.as_ref() {
            struct_ser.serialize_field("name", v)?;
        }
        if let Some(v) = self.metadata.as_ref() {
            struct_ser.serialize_field("metadata", v)?;
        }
        if !self.attributes.is_empty() {
            struct_ser.serialize_field("attributes", &self.attributes)?;
        }
        if !self.tracks.is_empty() {
            struct_ser.serialize_field("tracks", &self.tracks)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Update {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "name",
            "metadata",
            "attributes",
            "tracks",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Name,
            Metadata,
            Attributes,
            Tracks,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "name" => Ok(GeneratedField::Name),
                            "metadata" => Ok(GeneratedField::Metadata),
                            "attributes" => Ok(GeneratedField::Attributes),
                            "tracks" => Ok(GeneratedField::Tracks),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Update;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.Update")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Update, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut name__ = None;
                let mut metadata__ = None;
                let mut attributes__ = None;
                let mut tracks__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Name => {
                            if name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("name"));
                            }
                            name__ = map_.next_value()?;
                        }
                        GeneratedField::Metadata => {
                            if metadata__.is_some() {
                                return Err(serde::de::Error::duplicate_field("metadata"));
                            }
                            metadata__ = map_.next_value()?;
                        }
                        GeneratedField::Attributes => {
                            if attributes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("attributes"));
                            }
                            attributes__ = Some(
                                map_.next_value::<::std::option::Option<crate::json::StringMap<_>>>()?.unwrap_or_default().0
                            );
                        }
                        GeneratedField::Tracks => {
                            if tracks__.is_some() {
                                return Err(serde::de::Error::duplicate_field("tracks"));
                            }
                            tracks__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(Update {
                    name: name__,
                    metadata: metadata__,
                    attributes: attributes__.unwrap_or_default(),
                    tracks: tracks__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.Update", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for UpdateRoom {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.metadata.is_some() {
            len += 1;
        }
        if self.locked.is_some() {
            len += 1;
        }
        if self.lobby.is_some() {
            len += 1;
        }
        if self.max_participants.is_some() {
            len += 1;
        }
        if self.topology.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.UpdateRoom", len)?;
        if let Some(v) = self.metadata.as_ref() {
            struct_ser.serialize_field("metadata", v)?;
        }
        if let Some(v) = self.locked.as_ref() {
            struct_ser.serialize_field("locked", v)?;
        }
        if let Some(v) = self.lobby.as_ref() {
            struct_ser.serialize_field("lobby", v)?;
        }
        if let Some(v) = self.max_participants.as_ref() {
            struct_ser.serialize_field("maxParticipants", v)?;
        }
        if let Some(v) = self.topology.as_ref() {
            let v = crate::json::OpenEnum::<topology::Mode>::new(*v);
            struct_ser.serialize_field("topology", &v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for UpdateRoom {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "metadata",
            "locked",
            "lobby",
            "max_participants",
            "maxParticipants",
            "topology",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Metadata,
            Locked,
            Lobby,
            MaxParticipants,
            Topology,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "metadata" => Ok(GeneratedField::Metadata),
                            "locked" => Ok(GeneratedField::Locked),
                            "lobby" => Ok(GeneratedField::Lobby),
                            "maxParticipants" | "max_participants" => Ok(GeneratedField::MaxParticipants),
                            "topology" => Ok(GeneratedField::Topology),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = UpdateRoom;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.UpdateRoom")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<UpdateRoom, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut metadata__ = None;
                let mut locked__ = None;
                let mut lobby__ = None;
                let mut max_participants__ = None;
                let mut topology__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Metadata => {
                            if metadata__.is_some() {
                                return Err(serde::de::Error::duplicate_field("metadata"));
                            }
                            metadata__ = map_.next_value()?;
                        }
                        GeneratedField::Locked => {
                            if locked__.is_some() {
                                return Err(serde::de::Error::duplicate_field("locked"));
                            }
                            locked__ = map_.next_value()?;
                        }
                        GeneratedField::Lobby => {
                            if lobby__.is_some() {
                                return Err(serde::de::Error::duplicate_field("lobby"));
                            }
                            lobby__ = map_.next_value()?;
                        }
                        GeneratedField::MaxParticipants => {
                            if max_participants__.is_some() {
                                return Err(serde::de::Error::duplicate_field("maxParticipants"));
                            }
                            max_participants__ = 
                                map_.next_value::<::std::option::Option<crate::json::Number<_>>>()?.map(|x| x.0)
                            ;
                        }
                        GeneratedField::Topology => {
                            if topology__.is_some() {
                                return Err(serde::de::Error::duplicate_field("topology"));
                            }
                            topology__ = map_.next_value::<::std::option::Option<crate::json::OpenEnum<topology::Mode>>>()?.and_then(crate::json::OpenEnum::number);
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(UpdateRoom {
                    metadata: metadata__,
                    locked: locked__,
                    lobby: lobby__,
                    max_participants: max_participants__,
                    topology: topology__,
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.UpdateRoom", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for WebhookEvent {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.id.is_empty() {
            len += 1;
        }
        if !self.r#type.is_empty() {
            len += 1;
        }
        if self.at_ms != 0. {
            len += 1;
        }
        if self.position != 0. {
            len += 1;
        }
        if self.index != 0 {
            len += 1;
        }
        if !self.tenant.is_empty() {
            len += 1;
        }
        if self.room.is_some() {
            len += 1;
        }
        if self.participant.is_some() {
            len += 1;
        }
        if self.track.is_some() {
            len += 1;
        }
        if self.chat.is_some() {
            len += 1;
        }
        if self.left_reason != 0 {
            len += 1;
        }
        if !self.reason.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("antiphon.v1.WebhookEvent", len)?;
        if !self.id.is_empty() {
            struct_ser.serialize_field("id", &self.id)?;
        }
        if !self.r#type.is_empty() {
            struct_ser.serialize_field("type", &self.r#type)?;
        }
        if self.at_ms != 0. {
            struct_ser.serialize_field("atMs", &crate::json::Double(self.at_ms))?;
        }
        if self.position != 0. {
            struct_ser.serialize_field("position", &crate::json::Double(self.position))?;
        }
        if self.index != 0 {
            struct_ser.serialize_field("index", &self.index)?;
        }
        if !self.tenant.is_empty() {
            struct_ser.serialize_field("tenant", &self.tenant)?;
        }
        if let Some(v) = self.room.as_ref() {
            struct_ser.serialize_field("room", v)?;
        }
        if let Some(v) = self.participant.as_ref() {
            struct_ser.serialize_field("participant", v)?;
        }
        if let Some(v) = self.track.as_ref() {
            struct_ser.serialize_field("track", v)?;
        }
        if let Some(v) = self.chat.as_ref() {
            struct_ser.serialize_field("chat", v)?;
        }
        if self.left_reason != 0 {
            let v = crate::json::OpenEnum::<left::Reason>::new(self.left_reason);
            struct_ser.serialize_field("leftReason", &v)?;
        }
        if !self.reason.is_empty() {
            struct_ser.serialize_field("reason", &self.reason)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for WebhookEvent {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "id",
            "type",
            "at_ms",
            "atMs",
            "position",
            "index",
            "tenant",
            "room",
            "participant",
            "track",
            "chat",
            "left_reason",
            "leftReason",
            "reason",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Id,
            Type,
            AtMs,
            Position,
            Index,
            Tenant,
            Room,
            Participant,
            Track,
            Chat,
            LeftReason,
            Reason,
            __SkipField__,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "id" => Ok(GeneratedField::Id),
                            "type" => Ok(GeneratedField::Type),
                            "atMs" | "at_ms" => Ok(GeneratedField::AtMs),
                            "position" => Ok(GeneratedField::Position),
                            "index" => Ok(GeneratedField::Index),
                            "tenant" => Ok(GeneratedField::Tenant),
                            "room" => Ok(GeneratedField::Room),
                            "participant" => Ok(GeneratedField::Participant),
                            "track" => Ok(GeneratedField::Track),
                            "chat" => Ok(GeneratedField::Chat),
                            "leftReason" | "left_reason" => Ok(GeneratedField::LeftReason),
                            "reason" => Ok(GeneratedField::Reason),
                            _ => Ok(GeneratedField::__SkipField__),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = WebhookEvent;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct antiphon.v1.WebhookEvent")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<WebhookEvent, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut id__ = None;
                let mut r#type__ = None;
                let mut at_ms__ = None;
                let mut position__ = None;
                let mut index__ = None;
                let mut tenant__ = None;
                let mut room__ = None;
                let mut participant__ = None;
                let mut track__ = None;
                let mut chat__ = None;
                let mut left_reason__ = None;
                let mut reason__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Id => {
                            if id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("id"));
                            }
                            id__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Type => {
                            if r#type__.is_some() {
                                return Err(serde::de::Error::duplicate_field("type"));
                            }
                            r#type__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::AtMs => {
                            if at_ms__.is_some() {
                                return Err(serde::de::Error::duplicate_field("atMs"));
                            }
                            at_ms__ = 
                                Some(map_.next_value::<::std::option::Option<crate::json::Number<_>>>()?.map(|x| x.0).unwrap_or_default())
                            ;
                        }
                        GeneratedField::Position => {
                            if position__.is_some() {
                                return Err(serde::de::Error::duplicate_field("position"));
                            }
                            position__ = 
                                Some(map_.next_value::<::std::option::Option<crate::json::Number<_>>>()?.map(|x| x.0).unwrap_or_default())
                            ;
                        }
                        GeneratedField::Index => {
                            if index__.is_some() {
                                return Err(serde::de::Error::duplicate_field("index"));
                            }
                            index__ = 
                                Some(map_.next_value::<::std::option::Option<crate::json::Number<_>>>()?.map(|x| x.0).unwrap_or_default())
                            ;
                        }
                        GeneratedField::Tenant => {
                            if tenant__.is_some() {
                                return Err(serde::de::Error::duplicate_field("tenant"));
                            }
                            tenant__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::Room => {
                            if room__.is_some() {
                                return Err(serde::de::Error::duplicate_field("room"));
                            }
                            room__ = map_.next_value()?;
                        }
                        GeneratedField::Participant => {
                            if participant__.is_some() {
                                return Err(serde::de::Error::duplicate_field("participant"));
                            }
                            participant__ = map_.next_value()?;
                        }
                        GeneratedField::Track => {
                            if track__.is_some() {
                                return Err(serde::de::Error::duplicate_field("track"));
                            }
                            track__ = map_.next_value()?;
                        }
                        GeneratedField::Chat => {
                            if chat__.is_some() {
                                return Err(serde::de::Error::duplicate_field("chat"));
                            }
                            chat__ = map_.next_value()?;
                        }
                        GeneratedField::LeftReason => {
                            if left_reason__.is_some() {
                                return Err(serde::de::Error::duplicate_field("leftReason"));
                            }
                            left_reason__ = Some(map_.next_value::<::std::option::Option<crate::json::OpenEnum<left::Reason>>>()?.and_then(crate::json::OpenEnum::number).unwrap_or_default());
                        }
                        GeneratedField::Reason => {
                            if reason__.is_some() {
                                return Err(serde::de::Error::duplicate_field("reason"));
                            }
                            reason__ = Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default());
                        }
                        GeneratedField::__SkipField__ => {
                            let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(WebhookEvent {
                    id: id__.unwrap_or_default(),
                    r#type: r#type__.unwrap_or_default(),
                    at_ms: at_ms__.unwrap_or_default(),
                    position: position__.unwrap_or_default(),
                    index: index__.unwrap_or_default(),
                    tenant: tenant__.unwrap_or_default(),
                    room: room__,
                    participant: participant__,
                    track: track__,
                    chat: chat__,
                    left_reason: left_reason__.unwrap_or_default(),
                    reason: reason__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("antiphon.v1.WebhookEvent", FIELDS, GeneratedVisitor)
    }
}
